import { relative } from "node:path";
import type { Accuracy } from "../demo/accuracy";
import { methods } from "../demo/methods";
import type { DemoOptions, DemoPort, DemoResult } from "../demo/runDemo";
import { wrap } from "../util/columns";
import { count, significant } from "./format";
import { duration } from "../protocol/pace";
import { openScreen, type ScreenStream } from "./screen";

/** Tells a person what the demo does, in lines of 80 columns. */
export interface DemoReporter extends Omit<DemoPort, "stopAsked"> {
  say(line: string): void;
  finished(result: DemoResult): void;
  close(): void;
}

/** Prints on a terminal with a progress line below; elsewhere lines alone. */
export function demoReporter(
  { seeds, steps }: Pick<DemoOptions, "seeds" | "steps">,
  stream: ScreenStream = process.stdout,
  now: () => number = Date.now,
): DemoReporter {
  const screen = openScreen(stream, { now });
  const began = now();
  let trainingSince: number | null = null;
  screen.print([
    ...wrap(
      "",
      "A tiny CLIP, pre-trained on pictures of a world that this program draws, is adapted to rougher ones of " +
        "12 base classes such as a checkered heart, 16 of each. Neither these kinds nor the 12 novel ones " +
        "were in its pre-training. The drawings show all 24 kinds in pencil.",
    ),
    "",
  ]);
  return {
    say: (line) => screen.print([line]),
    drawing(done, total) {
      screen.progress(`drawing picture ${count(done)} of ${count(total)}`);
    },
    zeroShot(accuracy) {
      screen.print([heading, row("zero-shot CLIP", accuracy)]);
    },
    training({ share, finished, total, loss }) {
      trainingSince ??= now();
      const spent = (now() - trainingSince) / 1000;
      const left = share > 0.02 ? `  ${duration((spent * (1 - share)) / share)} left` : "";
      const shown = loss === null ? "" : `  loss ${significant(loss)}`;
      const bar = "#".repeat(Math.round(20 * share)).padEnd(20, ".");
      screen.progress(`[${bar}] ${finished} of ${total} runs${shown}${left}`);
    },
    trained({ method, seed, accuracy }) {
      screen.print([row(`${method.name}, seed ${seed}`, accuracy)]);
    },
    finished(result) {
      screen.close();
      screen.print(["", ...summary(result, seeds, steps), ...closing(result, now() - began)]);
    },
    close: () => screen.close(),
  };
}

const heading = cells("accuracy in %", "base", "novel", "H", "drawings");

/** A row of at most 78 columns. */
function cells(name: string, ...values: readonly string[]): string {
  return name.padEnd(22) + values.map((value) => value.padStart(14)).join("");
}

const keys = ["base", "novel", "harmonic", "drawings"] as const;

/** One model's accuracies. */
function row(name: string, accuracy: Accuracy): string {
  return cells(name, ...keys.map((key) => accuracy[key].toFixed(1)));
}

/** Mean and sample standard deviation over the seeds, for each method. */
function summary({ zeroShot, runs }: DemoResult, seeds: number, steps: number): string[] {
  const lines = methods.map((method) => {
    const own = runs.filter((run) => run.method === method);
    const spread = (key: (typeof keys)[number]): string =>
      meanAndDeviation(own.map(({ accuracy }) => accuracy[key]));
    return cells(method.name, ...keys.map(spread));
  });
  const title =
    seeds === 1
      ? `After ${count(steps)} steps:`
      : `After ${count(steps)} steps, mean and standard deviation over ${seeds} seeds:`;
  return [title, heading, row("zero-shot CLIP", zeroShot), ...lines];
}

/** `71.3 +- 1.2`, or the number alone where there is one. */
export function meanAndDeviation(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(1);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(1)} +- ${Math.sqrt(squares / (values.length - 1)).toFixed(1)}`;
}

function closing({ runs }: DemoResult, milliseconds: number): string[] {
  const folder = relative(process.cwd(), runs[0]!.paths.folder);
  return [
    "",
    ...wrap(
      "",
      "H is the harmonic mean of base and novel accuracy. A drawing is told apart from those of all 24 classes.",
    ),
    ...wrap(
      "",
      `${count(runs.length)} runs in ${duration(milliseconds / 1000)}; they are ordinary run folders, e.g. ${folder}.`,
    ),
  ];
}
