import type { Mistake, SplitDetails } from "../../src/protocol/page";
import type { Context } from "../context";
import { activeRun } from "../header";

/** How many mistakes are asked for at a time. */
const pageSize = 24;

/** What is known of the classes and mistakes of the chosen split of the active run. */
export interface Details {
  /** Of which splits there is something. */
  splits(): string[];
  split(): string | null;
  choose(split: string): void;
  /** What the host said; null while it is awaited. */
  current(): SplitDetails | null;
  /** Why there is nothing; null where there is, or may be. */
  problem(): string | null;
  /** Mistakes of one class alone; null for all. */
  label(): string | null;
  narrow(label: string | null): void;
  mistakes(): Mistake[];
  more(): void;
  /** Asks for what is shown now, where it is not there yet. */
  refresh(): void;
}

/** Keeps the details of one split, asked for when they are looked at and again after an evaluation. */
export function createDetails(context: Context, changed: () => void): Details {
  let place = "";
  let question = "";
  let label: string | null = null;
  let details: SplitDetails | null = null;
  let mistakes: Mistake[] = [];
  let problem: string | null = null;

  const splits = (): string[] => activeRun(context)?.detailed ?? [];
  const split = (): string | null => {
    const all = splits();
    const chosen = context.state.split;
    return chosen !== null && all.includes(chosen) ? chosen : (all[0] ?? null);
  };
  const load = (offset: number): void => {
    const run = activeRun(context)?.id;
    const of = split();
    if (run === undefined || of === null) return;
    const asked = question;
    const request = { type: "details", run, split: of, label, offset, limit: pageSize } as const;
    void context.bridge.ask(request).then(
      (answer) => {
        if (asked !== question) return;
        details = answer.details;
        mistakes = [...mistakes.slice(0, offset), ...answer.details.mistakes];
        problem = null;
        changed();
      },
      (error: Error) => {
        if (asked !== question) return;
        problem = error.message;
        changed();
      },
    );
  };

  return {
    splits,
    split,
    label: () => label,
    current: () => details,
    problem: () => problem,
    mistakes: () => mistakes,
    more: () => load(mistakes.length),
    choose(to) {
      context.state.split = to;
      label = null;
      context.save();
      changed();
    },
    narrow(to) {
      label = to;
      changed();
    },
    refresh() {
      const run = activeRun(context);
      // Another run or split starts empty; a new evaluation, or another class, replaces what is shown when it is there.
      const now = JSON.stringify([run?.id, split()]);
      if (now !== place) {
        place = now;
        details = null;
        label = null;
        mistakes = [];
      }
      const evaluated = run?.evaluations.filter((evaluation) => evaluation.split === split());
      const asked = JSON.stringify([place, label, evaluated]);
      if (asked === question) return;
      question = asked;
      problem = null;
      load(0);
    },
  };
}
