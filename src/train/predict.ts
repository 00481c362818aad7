import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { inspectImages } from "../data/inspectImages";
import { listTree } from "../data/listImages";
import { thetaOf } from "../models/loraNames";
import { readAdapter } from "../models/peft";
import type { FrozenConfig } from "../protocol/frozen";
import type { Predicted, PredictProgress } from "../protocol/predicted";
import type { RunPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";
import { isOtherPicture } from "../util/imageNames";
import { newestCheckpoint } from "./checkpoint";
import { evaluate } from "./evaluate";
import { modelAt } from "./measuredModel";
import { type OpenRun, openRunModel } from "./openRun";

export interface PredictOptions {
  /** The names to choose between; by default all classes of the run's data set, base and novel. */
  classes?: readonly string[];
  /** Is told how far it has come. */
  onProgress?: (progress: PredictProgress) => void;
}

/**
 * Classifies images by a checkpoint of a run (null: its newest), with the run's prompt and the probabilities of a softmax
 * over the classes at CLIP's logit scale.
 */
export async function predict(
  paths: RunPaths,
  config: FrozenConfig,
  checkpoint: string | null,
  files: readonly string[],
  { classes, onProgress = () => undefined }: PredictOptions = {},
): Promise<Predicted> {
  const folder = checkpoint ?? newestCheckpoint(paths);
  // Read before images and model are opened: meanwhile a trainer at work may prune it.
  const { values } = await readAdapter(folder);
  const facts = await inspectImages("", files, (done, total) =>
    onProgress({ doing: "opening", done, total }),
  );
  const readable = files.filter((_, i) => facts[i]!.problem === null);
  const unreadable = files.flatMap((path, i) => {
    const { problem } = facts[i]!;
    return problem === null ? [] : [{ path, problem }];
  });
  const run = await openRunModel(paths, config);
  try {
    const names = classes === undefined ? classesOf(run) : [...classes];
    const theta = thetaOf(run.engine.layout, values, folder);
    const model = modelAt(run.engine, theta, readable.length);
    const samples = readable.map((path) => ({ path, label: 0 }));
    const { predictions } = await evaluate(
      model,
      run.pipeline,
      { split: "all", classNames: names, samples, imageRoot: "" },
      { ...run.evaluation, perClass: false, confusion: false },
      (done) => onProgress({ doing: "classifying", done, total: samples.length }),
    );
    const { device, deviceReason } = run.engine;
    const images = predictions.map(({ path, top }) => ({
      path,
      top: top.map(({ label, probability }) => ({ name: names[label]!, probability })),
    }));
    return { checkpoint: folder, device, deviceReason, classes: names, images, unreadable };
  } finally {
    await run.close();
  }
}

/**
 * The image files that are named, and all images in and below the folders that are, in order; absolute, each once. Pictures of a kind
 * that is not decoded are among them, so that they are told as unreadable: nobody shall miss half of a phone's photos in the answer.
 */
export function imagesAt(places: readonly string[]): string[] {
  const found = places.flatMap((place) => {
    const path = resolve(place);
    if (!existsSync(path)) throw new UserError(`${path}: does not exist; check the path`);
    if (!statSync(path).isDirectory()) return [path];
    const tree = listTree(path);
    const images = [...tree.images, ...tree.others.filter(isOtherPicture)];
    if (images.length === 0)
      throw new UserError(`${path}: holds no image; name a folder of images, or the images`);
    return images.map((image) => join(path, image));
  });
  return [...new Set(found)];
}

/** All classes of the run's own data set; of targets each has its own. */
export function classesOf({ data }: OpenRun): string[] {
  const own = data.evaluations.filter(({ split }) => ["all", "base", "novel"].includes(split));
  const names = own.flatMap(({ classNames }) => classNames);
  return names.length === 0 ? data.classNames : names;
}
