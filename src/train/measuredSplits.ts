import type { CompleteResult } from "../protocol/completeResult";
import type { FrozenConfig } from "../protocol/frozen";

/**
 * The splits that a run was measured on when it came to its end, by all that it measures: CLIP without adapters, the adapted model, or
 * both. Null where it has not come to its end.
 */
export function measuredSplits(
  result: CompleteResult | null,
  {
    run,
    evaluation,
  }: { run: Pick<FrozenConfig["run"], "steps">; evaluation: { zeroShot: boolean } },
): Set<string> | null {
  if (result === null) return null;
  const [zeroShot, adapted] = [result.zeroShot, result.adapted].map((measured) =>
    measured.map(({ split }) => split),
  ) as [string[], string[]];
  if (run.steps === 0) return new Set(zeroShot);
  return new Set(
    evaluation.zeroShot ? adapted.filter((split) => zeroShot.includes(split)) : adapted,
  );
}
