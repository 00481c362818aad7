import { join } from "node:path";
import { batchAt } from "../data/batches";
import type { FrozenConfig } from "../protocol/frozen";
import type { Batch } from "./engineTypes";
import type { OpenRun } from "./openRun";

/** Steps whose images are asked of the workers before they are needed. */
const ahead = 3;

/** Gives the batch of each step; those of the next steps are decoded while the engine computes. */
export function trainingBatches(
  run: Pick<OpenRun, "data" | "pipeline">,
  config: Pick<FrozenConfig, "seed" | "training" | "run">,
): (step: number) => Promise<Batch> {
  const begun = new Map<number, Promise<Batch>>();
  return async (step) => {
    for (let next = step; next < Math.min(step + ahead, config.run.steps); next++)
      if (!begun.has(next)) begun.set(next, makeBatch(run, config, next));
    const batch = await begun.get(step)!;
    begun.delete(step);
    return batch;
  };
}

/** The images of one step: a function of seed and step alone. */
function makeBatch(
  { data, pipeline }: Pick<OpenRun, "data" | "pipeline">,
  { seed, training }: Pick<FrozenConfig, "seed" | "training">,
  step: number,
): Promise<Batch> {
  const { batchSize, augment } = training;
  const { epoch, indices } = batchAt({ count: data.train.length, batchSize, seed, step });
  const samples = [...indices].map((index) => data.train[index]!);
  const items = samples.map(({ path }, i) => ({
    path: join(data.imageRoot, path),
    sample: indices[i]!,
    epoch,
  }));
  const made = pipeline.trainingBatch(items, { seed, augment }).then((pixels) => ({
    pixels,
    labels: Int32Array.from(samples, ({ label }) => label),
    sampleIds: indices,
  }));
  // It may fail long before it is awaited.
  made.catch(() => undefined);
  return made;
}
