import type { RunState } from "../protocol/status";
import { count, percent, table } from "./format";

/** One run as `glad runs` shows it. */
export interface RunSummary {
  id: string;
  folder: string;
  state: RunState;
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
