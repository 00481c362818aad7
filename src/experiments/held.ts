import { join } from "node:path";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import type { CellResult } from "./collect";

/** What an executor says of runs, by folder. */
export interface Held {
  /** Those that it will start, or start again. */
  waiting: ReadonlySet<string>;
  /** Why it gave up others that are not finished. */
  ended: ReadonlyMap<string, string>;
}

/**
 * Results with what the executor knows beyond the folders of runs: one that failed or was stopped and waits for another turn
 * is to come; one that was interrupted and does not wait, or that it gave up before its trainer began, has failed. `gone` is
 * the reason where nobody knows another.
 */
export function withHeld(
  { runs }: ExperimentRecord,
  results: readonly CellResult[],
  { waiting, ended }: Held,
  gone = "its trainer is gone: it was ended, or the machine was restarted",
): CellResult[] {
  return results.map((result) => {
    if (result.cell.run === null) return result;
    const run = join(runs, result.cell.run);
    if (waiting.has(run)) return { ...result, state: "created", failure: null };
    const { state, failure } = result;
    const why = ended.get(run) ?? null;
    // The folder tells of the last attempt, the executor perhaps of an earlier one.
    if (state === "failed") return { ...result, failure: failure ?? why };
    if (state === "interrupted") return { ...result, state: "failed", failure: why ?? gone };
    const began = state !== "created" && state !== "missing";
    return began || why === null ? result : { ...result, state: "failed", failure: why };
  });
}
