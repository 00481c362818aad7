import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { thetaOf } from "../models/loraNames";
import { readAdapter } from "../models/peft";
import type { FrozenConfig } from "../protocol/frozen";
import { checkpointName, checkpointSteps, type RunPaths } from "../protocol/runFolder";
import { messageOf, UserError } from "../util/errors";
import { loadCheckpoint, type Progress, removePartial } from "./checkpoint";
import type { Engine } from "./engineTypes";
import { initialState } from "./step";

export interface StartingPoint {
  progress: Progress;
  /** Whether it is a checkpoint. */
  resumed: boolean;
  /** Sentences for the user: checkpoints that could not be read. */
  warnings: string[];
}

/**
 * Where a trainer begins: at the newest checkpoint that can be read (newer ones that cannot are put aside, not removed),
 * else at the values of `lora.init`, else at those of the seed.
 */
export async function startingPoint(
  paths: RunPaths,
  config: FrozenConfig,
  engine: Engine,
): Promise<StartingPoint> {
  removePartial(paths);
  const damaged: { name: string; error: UserError }[] = [];
  for (const step of checkpointSteps(paths).reverse()) {
    const name = checkpointName(step);
    try {
      const progress = await loadCheckpoint(join(paths.checkpoints, name), engine.layout);
      return { progress, resumed: true, warnings: putAside(paths, damaged, name) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      damaged.push({ name, error });
    }
  }
  if (damaged.length > 0) throw damaged[0]!.error;
  const progress = {
    state: initialState(await initialValues(paths, config, engine), config.training.precision),
    // A given adapter is measured as it is where no step is made; what the seed gives is CLIP itself.
    evaluated: config.lora.init === null ? 0 : -1,
    best: null,
    plateau: null,
    skippedInARow: 0,
  };
  return { progress, resumed: false, warnings: [] };
}

async function initialValues(
  paths: RunPaths,
  { lora, seed }: FrozenConfig,
  engine: Engine,
): Promise<Float32Array> {
  if (lora.init === null) return engine.initialParameters(seed);
  // The run's own copy: the folder that it was taken from may have changed since.
  const folder = existsSync(paths.init) ? paths.init : lora.init;
  return thetaOf(engine.layout, (await readAdapter(folder)).values, folder);
}

function putAside(
  paths: RunPaths,
  damaged: readonly { name: string; error: UserError }[],
  used: string,
): string[] {
  return damaged.map(({ name, error }) => {
    renameSync(join(paths.checkpoints, name), join(paths.checkpoints, `damaged-${name}`));
    return `The checkpoint ${name} is put aside because it cannot be read (${messageOf(error)}); going on from ${used}.`;
  });
}
