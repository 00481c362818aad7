import type { NamedSet } from "../protocol/experimentRecord";
import { targetSplit } from "../protocol/splits";
import type { CellResult } from "./collect";

/**
 * A result judged by what its run was measured on: with all of the targets it is finished, whatever the run does since, for another
 * experiment say; without one of them it is not, though the run be finished. What it was measured on is told in any case.
 */
export function byMeasurements(result: CellResult, targets: readonly NamedSet[]): CellResult {
  const { splits, state } = result;
  if (splits === null) return result;
  if (targets.every(({ name }) => targetSplit(name) in splits))
    return { ...result, state: "finished", failure: null };
  return state === "finished" ? { ...result, state: "stopped" } : result;
}
