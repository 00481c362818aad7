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
    lora,
    evaluation,
  }: {
    run: Pick<FrozenConfig["run"], "steps">;
    lora: Pick<FrozenConfig["lora"], "init">;
    evaluation: { zeroShot: boolean };
  },
): Set<string> | null {
  if (result === null) return null;
  const [zeroShot, adapted] = [result.zeroShot, result.adapted].map((measured) =>
    measured.map(({ split }) => split),
  ) as [string[], string[]];
  // Without an adapter to begin with, no step leaves CLIP as it is.
  if (run.steps === 0 && lora.init === null) return new Set(zeroShot);
  return new Set(
    evaluation.zeroShot ? adapted.filter((split) => zeroShot.includes(split)) : adapted,
  );
}
