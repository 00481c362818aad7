import type { NamedSet } from "../protocol/experimentRecord";
import { targetSplit } from "../protocol/splits";
import type { CellResult } from "./collect";

/**
 * A result, but of a finished run that was not measured on all of the targets, as of one that was stopped: it is to be measured on
 * the others before it is whole. What it was measured on is told.
 */
export function unlessUnmeasured(result: CellResult, targets: readonly NamedSet[]): CellResult {
  const { splits } = result;
  const whole = targets.every(({ name }) => splits === null || targetSplit(name) in splits);
  return whole ? result : { ...result, state: "stopped" };
}
