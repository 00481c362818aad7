import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Cell, ExperimentRecord } from "../protocol/experimentRecord";
import { runPaths } from "../protocol/runFolder";
import { readStatus, runState, type RunState } from "../protocol/status";
import { unlessUnmeasured } from "./unmeasured";

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
}

/** What is read of a result.json. */
const resultSchema = z.object({
  reason: z.string(),
  zeroShot: z.array(z.object({ split: z.string(), correct: z.number(), total: z.number() })),
  adapted: z.array(z.object({ split: z.string(), correct: z.number(), total: z.number() })),
});

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
    const splits =
      state === "finished" ? readSplits(paths.result, measuring.has(cell.method)) : null;
    const failure = state === "failed" ? reason : null;
    return unlessUnmeasured({ cell, state, step, steps, splits, failure }, targets);
  });
}

/** Whether a result.json is there and can be read. */
export function hasResult(file: string): boolean {
  return readSplits(file, false) !== null;
}

function readSplits(file: string, zeroShot: boolean): Record<string, Counts> | null {
  try {
    return splitsOf(readFileSync(file, "utf8"), zeroShot);
  } catch {
    return null;
  }
}

/** The counts that a result.json states, by split: of CLIP without adapters or of the run's last step; null where it states none. */
export function splitsOf(text: string, zeroShot: boolean): Record<string, Counts> | null {
  try {
    const result = resultSchema.parse(JSON.parse(text));
    const counted = zeroShot ? result.zeroShot : result.adapted;
    return Object.fromEntries(
      counted.map(({ split, correct, total }) => [split, { correct, total }]),
    );
  } catch {
    return null;
  }
}
