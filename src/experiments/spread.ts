import type { ExperimentRecord } from "../protocol/experimentRecord";
import { plural } from "../util/text";
import type { CellResult, Counts } from "./collect";

/** Percentage points between seeds beyond which a run has probably collapsed. */
const farApart = 10;

/**
 * One sentence for each method whose seeds end so far apart on a trained data set that a mean over them says little. Of few
 * test images more is needed, because chance alone sets runs apart there.
 */
export function spreadWarnings(
  { datasets }: ExperimentRecord,
  results: readonly CellResult[],
): string[] {
  const groups = new Map<string, { seed: number; counts: Counts }[]>();
  for (const { cell, splits } of results) {
    const { method, dataset, shots, seed } = cell;
    if (seed === null) continue;
    const title = datasets.find(({ name }) => name === dataset)?.title ?? dataset;
    for (const split of ["all", "base", "novel"]) {
      const counts = splits?.[split];
      if (!counts) continue;
      const classes = split === "all" ? "" : `, ${split} classes`;
      const place = `${method} on ${title} with ${plural(shots ?? 0, "shot")}${classes}`;
      groups.set(place, [...(groups.get(place) ?? []), { seed, counts }]);
    }
  }
  return [...groups].flatMap(([place, runs]) => {
    const accuracies = runs.map(({ counts }) => (100 * counts.correct) / counts.total);
    const range = Math.max(...accuracies) - Math.min(...accuracies);
    const chance = 50 / Math.sqrt(runs[0]!.counts.total);
    if (range <= Math.max(farApart, 4 * chance)) return [];
    const seeds = runs.map(({ seed }, i) => `${accuracies[i]!.toFixed(2)} (seed ${seed})`);
    return [
      `${place}: ${seeds.join(", ")} lie far apart, so that their mean says little; look at the curves of these runs.`,
    ];
  });
}
