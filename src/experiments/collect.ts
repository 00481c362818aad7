import { join } from "node:path";
import {
  type CompleteResult,
  completeResult,
  readCompleteResult,
} from "../protocol/completeResult";
import type { Cell, ExperimentRecord } from "../protocol/experimentRecord";
import { runPaths } from "../protocol/runFolder";
import { readStatus, runState, type RunState } from "../protocol/status";
import { byMeasurements } from "./byMeasurements";

/** Hits and images of a split. */
export interface Counts {
  correct: number;
  total: number;
}

/** What became of a cell so far. */
export interface CellResult {
  cell: Cell;
  /** "missing" before its run is made. */
  state: RunState | "missing";
  step: number;
  steps: number;
  /** By split, of the model at its last step (of zero-shot: CLIP without adapters); null before it was measured there. */
  splits: Record<string, Counts> | null;
  /** Why its run failed, a sentence for the user; null where it did not. */
  failure: string | null;
  /** Of a run that has come to its end and lacks targets: on how many it was measured. */
  measured?: number;
}

/** Reads state and result of every cell's run. */
export function collectResults({ cells, runs, methods, targets }: ExperimentRecord): CellResult[] {
  const measuring = new Set(methods.filter(({ kind }) => kind === "zero-shot").map((m) => m.name));
  return cells.map((cell) => {
    const paths = cell.run === null ? null : runPaths(join(runs, cell.run));
    const status = paths && readStatus(paths);
    if (!paths || !status)
      return { cell, state: "missing", step: 0, steps: 0, splits: null, failure: null };
    const state = runState(status);
    const { step, steps, reason } = status;
    const splits = countsOf(readCompleteResult(paths.result), measuring.has(cell.method));
    const failure = state === "failed" ? reason : null;
    return byMeasurements({ cell, state, step, steps, splits, failure }, targets);
  });
}

/**
 * The counts that the text of a result.json states, by split: of CLIP without adapters or of the run's last step; null where the run
 * has not come to its end.
 */
export function splitsOf(text: string, zeroShot: boolean): Record<string, Counts> | null {
  return countsOf(completeResult(text), zeroShot);
}

function countsOf(result: CompleteResult | null, zeroShot: boolean): Record<string, Counts> | null {
  if (result === null) return null;
  const counted = zeroShot ? result.zeroShot : result.adapted;
  return Object.fromEntries(
    counted.map(({ split, correct, total }) => [split, { correct, total }]),
  );
}
