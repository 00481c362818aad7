import { readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { thetaOf } from "../models/loraNames";
import { adapterSpec, readAdapter } from "../models/peft";
import { openSnapshot, snapshotLayout } from "../models/snapshot";
import type { Snapshot } from "../models/types";
import { writeMergedSnapshot } from "../models/writeMerged";
import type { FrozenConfig } from "../protocol/frozen";
import { promptOf } from "../protocol/prompt";
import { readEvents } from "../protocol/readEvents";
import type { RunPaths } from "../protocol/runFolder";
import { InternalError, UserError } from "../util/errors";
import { uniform } from "../util/hash";
import { explainWriteError, isWriteError, writeAtomically } from "../util/writeAtomically";
import { newestCheckpoint } from "./checkpoint";
import { similarities } from "./evaluate";
import { placeFor } from "./exportFolder";
import { type MeasuredModel, modelAt } from "./measuredModel";
import { modelCard } from "./modelCard";
import { classify, writeClassifier } from "./onnxClassifier";
import { openRunModel } from "./openRun";
import { classesOf } from "./predict";
import { evaluationsOf } from "./result";

export interface Exported {
  folder: string;
  checkpoint: string;
  classes: readonly string[];
  /** What the folder holds. */
  bytes: number;
  /** The largest difference of a probability between the adapted CLIP and the exported classifier, on an image of noise. */
  difference: number;
}

export interface ExportOptions {
  /** The names that the classifier chooses between; by default all classes of the run's data set, base and novel. */
  classes?: readonly string[];
  /** Images that the classifier takes at once. */
  batch?: number;
  /** Is told what is being done. */
  onProgress?: (doing: string) => void;
  /** Is told where the export is made, which may be removed to give it up, and null when it is as good as done. */
  onPlace?: (partial: string | null) => void;
}

/** More than rounding explains: logits of 100 times a cosine differ by 1e-4 or less. */
const tolerance = 1e-3;

/**
 * Writes a checkpoint of a run (null: its newest) as a model of its own: CLIP with the adapter merged into its weights, in the
 * layout of the run's model; a classifier of the run's classes in ONNX, whose weights are that model's file; and a README.md for
 * whoever gets it. The classifier is compared with the adapted CLIP before `folder` appears, which is there whole or not at all; an
 * empty one that was there gets its files only then.
 */
export async function exportModel(
  paths: RunPaths,
  config: FrozenConfig,
  checkpoint: string | null,
  folder: string,
  options: ExportOptions = {},
): Promise<Exported> {
  const { classes, batch = 1, onProgress = () => undefined, onPlace = () => undefined } = options;
  const place = await placeFor(folder);
  const from = checkpoint ?? newestCheckpoint(paths);
  // Read before the model is opened: meanwhile a trainer at work may prune it.
  const adapter = await readAdapter(from);
  onProgress("opening the model");
  // Few images go through it, and in float32 on the CPU numbers are the same on every machine.
  const training = { ...config.training, precision: "float32" as const };
  const run = await openRunModel(paths, { ...config, device: "cpu", training });
  const { partial } = place;
  onPlace(partial);
  try {
    const names = classes ?? classesOf(run);
    const { template } = config.data;
    const model = modelAt(run.engine, thetaOf(run.engine.layout, adapter.values, from));
    onProgress(`encoding ${names.length} classes`);
    const embeddings = await model.classEmbeddings(names.map((name) => promptOf(template, name)));
    const original = await openSnapshot(config.run.modelFolder);
    adapterSpec(adapter, original.config, from);
    onProgress("writing the model");
    await writeMergedSnapshot(partial, original, adapter);
    const merged = await openSnapshot(partial);
    await writeClassifier(merged, embeddings, { classes: names, template, batch });
    onProgress("comparing it with the adapted CLIP");
    const difference = await largestDifference(model, merged, embeddings, batch);
    if (Number.isNaN(difference))
      throw new UserError(
        `${from}: its adapter gives no numbers, since its training diverged; export an earlier checkpoint, or train with a lower learning rate`,
      );
    if (!(difference <= tolerance))
      throw new InternalError(
        `export of ${from}: probabilities of the classifier differ by ${difference}, expected at most ${tolerance}`,
      );
    const events = readEvents(paths.events);
    const step = Number(/\d+$/.exec(basename(from))?.[0]);
    const card = modelCard({
      name: basename(folder),
      layout: snapshotLayout(partial),
      config,
      step,
      classes: names.length,
      adapted: evaluationsOf(events, { zeroShot: false, step }),
      zeroShot: evaluationsOf(events, { zeroShot: true }),
    });
    await writeAtomically(join(partial, "README.md"), (file) => file.writeFile(card));
    onPlace(null);
    await place.putInPlace();
    return { folder, checkpoint: from, classes: names, bytes: bytesIn(folder), difference };
  } catch (error) {
    throw isWriteError(error) ? explainWriteError(error, folder) : error;
  } finally {
    // Where even this is refused, the first error is the one to tell.
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    await run.close();
  }
}

/** Between the probabilities that the adapted CLIP and the classifier beside the merged one give to images of noise. */
async function largestDifference(
  model: MeasuredModel,
  { folder, config, logitScale }: Snapshot,
  embeddings: Float32Array,
  batch: number,
): Promise<number> {
  const side = config.vision.imageSize;
  const shape = [batch, 3, side, side];
  const size = shape.reduce((product, length) => product * length, 1);
  const pixels = Float32Array.from({ length: size }, (_, i) => 4 * uniform(1, i) - 2);
  const classes = embeddings.length / config.projectionDim;
  const features = await model.imageFeatures(pixels, batch);
  const scores = similarities(features, embeddings, batch, classes);
  const found = await classify(folder, pixels, shape);
  let largest = 0;
  for (let start = 0; start < scores.length; start += classes) {
    const row = scores.subarray(start, start + classes);
    const highest = row.reduce((most, score) => Math.max(most, score));
    const powers = Array.from(row, (score) => Math.exp(logitScale * (score - highest)));
    const total = powers.reduce((sum, power) => sum + power, 0);
    powers.forEach((power, k) => {
      largest = Math.max(largest, Math.abs(power / total - found[start + k]!));
    });
  }
  return largest;
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
