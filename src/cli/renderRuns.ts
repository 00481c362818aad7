import type { RunState } from "../protocol/status";
import { duration } from "../protocol/pace";
import { count, percent, table } from "./format";

/** One run as `glad runs` shows it. */
export interface RunSummary {
  id: string;
  folder: string;
  state: RunState;
  /** For how long its trainer, whose process is there, has given no sign of life; null where it does or is gone. */
  silentSeconds: number | null;
  /** Whether whoever stopped it ended its trainer, which could not save. */
  forced: boolean;
  step: number;
  steps: number;
  /** Best accuracy in percent of the adapted model so far, and on what; null where none was measured. */
  best: { accuracy: number; split: string } | null;
  device: string | null;
  reason: string | null;
}

/** The runs as a table of at most 80 columns, unless an id is very long. */
export function runsTable(runs: readonly RunSummary[]): string[] {
  const rows = runs.map(({ id, state, step, steps, best, device }) => [
    id,
    state,
    `${count(step)} of ${count(steps)}`,
    best === null ? "-" : `${best.split} ${percent(best.accuracy)}`,
    // The number of threads says less than it takes.
    (device ?? "-").replace(/ \(\d+ threads?\)$/, ""),
  ]);
  return table([["id", "state", "step", "best", "device"], ...rows]).map((line) =>
    line.length > 80 && line.indexOf(" ") < 40 ? `${line.slice(0, 77)}...` : line,
  );
}

/** A sentence for each run whose trainer hangs. */
export function silenceLines(runs: readonly RunSummary[]): string[] {
  return runs.flatMap(({ id, silentSeconds }) =>
    silentSeconds === null ? [] : [silenceLine(id, silentSeconds)],
  );
}

/** For each run that was stopped by force, that it was and what is kept of it. */
export function forcedLines(runs: readonly RunSummary[]): string[] {
  return runs.flatMap(({ id, state, forced, reason }) =>
    forced && state === "stopped" ? [`${id}: ${reason}`] : [],
  );
}

/** Says of a run that its trainer hangs, and what ends it. */
export function silenceLine(id: string, seconds: number): string {
  return `${id}: its trainer has not answered for ${duration(seconds)}; \`glad stop --now ${id}\` ends it, and \`glad resume\` goes on after that`;
}
