import type { NamedSet } from "../protocol/experimentRecord";
import { targetSplit } from "../protocol/splits";
import type { CellResult } from "./collect";

/**
 * A result judged by what its run was measured on: with all of the targets it is finished, whatever the run does since, for another
 * experiment say; without one of them it is not, though the run be finished. What it was measured on is told in any case. `since` are
 * the splits that a trainer has just measured, for a result to come.
 */
export function byMeasurements(
  result: CellResult,
  targets: readonly NamedSet[],
  since: readonly string[] = [],
): CellResult {
  const { splits, state } = result;
  if (splits === null) return result;
  const names = targets.map(({ name }) => targetSplit(name));
  if (names.every((name) => name in splits)) return { ...result, state: "finished", failure: null };
  const measured = names.filter((name) => name in splits || since.includes(name)).length;
  return { ...result, state: state === "finished" ? "stopped" : state, measured };
}
