import { join } from "node:path";
import type { CellResult, Counts } from "../../experiments/collect";
import { byMeasurements } from "../../experiments/byMeasurements";
import { progressOf } from "../../experiments/progress";
import type { CellProgress } from "../../protocol/tablePage";
import type { Cell, ExperimentRecord } from "../../protocol/experimentRecord";
import { type HostRun, isLive } from "../runs/hostRun";

/** "partial" was begun and neither runs nor is whole; "broken" cannot be expanded into runs. */
export type ExperimentState = "new" | "running" | "partial" | "finished" | "broken";

/** What the host knows of one experiment file. */
export interface HostExperiment {
  readonly file: string;
  readonly name: string;
  readonly state: ExperimentState;
  /** The file as runs; null until the program expanded it. */
  readonly record: ExperimentRecord | null;
  /** In the order of the record's cells. */
  readonly results: readonly CellResult[];
  /** For each data set and method. */
  readonly progress: readonly CellProgress[];
  /** Runs that an executor holds and has not started, without those that are only to be measured, which are told apart. */
  readonly waiting: number;
  /** Of one that was begun, runs that nobody works on, waits for or has failed with: they are to be handed in. */
  readonly left: number;
  /** How many runs were made and are lost: deleted, moved away or damaged. */
  readonly lost: number;
  /** Which of its runs hold no longer, since their images are others by now: sentences; null where none is known. */
  readonly stale: string | null;
  /** Why the file or its executor could not be read, or why nobody works on what waits: a sentence for the user. */
  readonly problem: string | null;
}

/** The folder of a cell's run; null before it is made. */
export function runOf({ runs }: Pick<ExperimentRecord, "runs">, { run }: Cell): string | null {
  return run === null ? null : join(runs, run);
}

/** How the cells of a record stand, from what is known of their runs. */
export function resultsOf(
  record: ExperimentRecord,
  get: (id: string) => HostRun | undefined,
  splits: (id: string) => Record<string, Counts> | null,
): CellResult[] {
  return record.cells.map((cell) => {
    const id = runOf(record, cell);
    const run = id === null ? undefined : get(id);
    if (!run?.status)
      return { cell, state: "missing", step: 0, steps: 0, splits: null, failure: null };
    const { status, state } = run;
    const step = Math.max(status.step, isLive(run) ? run.record.step : 0);
    const result = {
      cell,
      state,
      step,
      steps: status.steps,
      splits: splits(run.id),
      failure: state === "failed" ? status.reason : null,
    };
    // A run that ended early has come to its end before its last step.
    const made = run.record.evaluations.filter((each) => each.step === step);
    return byMeasurements(
      result,
      record.targets,
      made.map(({ split }) => split),
    );
  });
}

/** Why runs failed: the first distinct reasons, of which more would not be read. */
export function failuresOf(results: readonly CellResult[]): string[] {
  return [...new Set(results.flatMap(({ failure }) => failure ?? []))].slice(0, 3);
}

/**
 * The state of an experiment whose runs stand so, `waiting` of them with an executor that works on them. What another experiment does
 * with some of its runs does not begin one that was never handed in.
 */
export function experimentState(
  results: readonly CellResult[],
  waiting: number,
  handedIn = true,
): Exclude<ExperimentState, "broken"> {
  if (results.length > 0 && results.every(({ state }) => state === "finished")) return "finished";
  if (!handedIn) return "new";
  if (
    waiting > 0 ||
    results.some((result) => result.state !== "missing" && isLive({ state: result.state }))
  )
    return "running";
  return results.every(isUnbegun) ? "new" : "partial";
}

/** How many runs of an experiment nobody works on, waits for or has failed with. */
export function leftOf(results: readonly CellResult[], waiting: number): number {
  const known = results.filter(
    ({ state }) =>
      state === "finished" || state === "failed" || (state !== "missing" && isLive({ state })),
  ).length;
  return Math.max(0, results.length - known - waiting);
}

/** Not made yet, or a zero-shot run that is finished: another experiment may have made it. */
function isUnbegun({ state, steps }: CellResult): boolean {
  return state === "missing" || (state === "finished" && steps === 0);
}

/** Progress of all runs of an experiment, or of those of one data set, taken together. */
export function together(parts: readonly CellProgress[]): Omit<CellProgress, "dataset" | "method"> {
  const sum = (of: (part: CellProgress) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const runs = sum((part) => part.runs);
  const done = sum((part) => part.share * part.runs);
  return {
    runs,
    finished: sum((part) => part.finished),
    failed: sum((part) => part.failed),
    running: sum((part) => part.running),
    measuring: sum((part) => part.measuring),
    step: sum((part) => part.step),
    steps: sum((part) => part.steps),
    share: runs === 0 ? 0 : done / runs,
  };
}

/** As `progressOf`, of a record that may not be there yet. */
export function progressIn(
  record: ExperimentRecord | null,
  results: readonly CellResult[],
): CellProgress[] {
  return record ? progressOf(record, results) : [];
}
