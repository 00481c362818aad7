import { resolveData } from "../data/dataRoot";
import { resolveTargets, type ResolvedTarget } from "../data/targets";
import type { Config } from "../protocol/config";
import { readFrozen } from "../protocol/frozen";
import type { RunPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";

/**
 * Whether a run is measured, or can be measured besides, on what a configuration wants: not where it was measured on something else
 * by the same name.
 */
export function fitsTargets(paths: RunPaths, wanted: Config): boolean {
  if (wanted.evaluation.targets.length === 0) return true;
  const targets = targetsOf(wanted);
  if (targets === null) return true;
  const known = new Map(frozenTargets(paths).map((target) => [target.name, target]));
  return targets.every((target) => {
    const same = known.get(target.name);
    if (!same) return true;
    const isSame = same.dataset === target.dataset && same.template === target.template;
    // What is published is the same wherever it lies.
    return isSame && (target.dataset !== "folder" || same.root === target.root);
  });
}

/** The targets of a configuration as a run would freeze them; null where that is not known: the run will say what is missing. */
function targetsOf({ data, evaluation }: Config): ResolvedTarget[] | null {
  try {
    return resolveTargets(evaluation.targets, resolveData(data).template);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** None where the configuration cannot be read, which the run itself will say. */
function frozenTargets(paths: RunPaths): Config["evaluation"]["targets"] {
  try {
    return readFrozen(paths).evaluation.targets;
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
