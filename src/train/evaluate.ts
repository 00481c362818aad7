import { join } from "node:path";
import type { ImagePipeline } from "../data/imagePipeline";
import type { Evaluation } from "../data/openData";
import type { Config } from "../protocol/config";
import type { SplitResult } from "../protocol/events";
import { promptOf } from "../protocol/prompt";
import { UserError } from "../util/errors";
import type { MeasuredModel } from "./measuredModel";

export interface EvaluateOptions {
  /** Folder and prompt of the splits that name none of their own. */
  imageRoot: string;
  template: string;
  perClass: boolean;
  confusion: boolean;
  /** exp of the logit scale: it decides no prediction, only the probabilities. */
  logitScale: number;
  /** What the model computes in: float16 is too narrow for some. */
  precision: Config["training"]["precision"];
}

/** One image's three likeliest classes with their probabilities, most likely first. */
export interface Prediction {
  path: string;
  label: number;
  top: { label: number; probability: number }[];
}

export interface Evaluated {
  result: SplitResult;
  predictions: Prediction[];
}

/** A model gave scores that are no numbers, so it predicts nothing: its message is what was found, then what helps. */
export class ScoresNotFinite extends UserError {
  constructor(
    readonly found: string,
    mend: string,
  ) {
    super(`${found}; ${mend}`);
  }
}

/** Images that are asked of the pipeline at once, and how many such batches it works ahead. */
const [batchSize, ahead] = [32, 3];

/**
 * Top-1 accuracy on one split, from counts. Each class is scored by the product of L2-normalised features; of equal
 * scores the first class wins; scores that are not finite are no prediction, but a ScoresNotFinite. `betweenBatches` is
 * told how many images are done, and may throw to end the evaluation.
 */
export async function evaluate(
  model: MeasuredModel,
  pipeline: ImagePipeline,
  { split, classNames, samples, ...own }: Evaluation,
  options: EvaluateOptions,
  betweenBatches: (done: number) => void = () => undefined,
): Promise<Evaluated> {
  const { imageRoot, template } = { ...options, ...own };
  const prompts = classNames.map((name) => promptOf(template, name));
  const classes = await model.classEmbeddings(prompts);
  const predictions: Prediction[] = [];
  const batches: { start: number; pixels: Promise<Float32Array> }[] = [];
  let asked = 0;
  while (predictions.length < samples.length) {
    betweenBatches(predictions.length);
    for (; asked < samples.length && batches.length < ahead; asked += batchSize) {
      const paths = samples
        .slice(asked, asked + batchSize)
        .map(({ path }) => join(imageRoot, path));
      batches.push({ start: asked, pixels: pipeline.evaluationBatch(paths) });
    }
    const { start, pixels } = batches.shift()!;
    const batch = samples.slice(start, start + batchSize);
    const features = await model.imageFeatures(await pixels, batch.length);
    const scores = similarities(features, classes, batch.length, classNames.length);
    const wrong = firstNotFinite(scores);
    if (wrong !== null) {
      const image = join(imageRoot, batch[Math.floor(wrong / classNames.length)]!.path);
      const name = classNames[wrong % classNames.length]!;
      throw notFinite(model, options, `${image}: its score for "${name}" is ${scores[wrong]}`);
    }
    batch.forEach(({ path, label }, i) => {
      const row = scores.subarray(i * classNames.length, (i + 1) * classNames.length);
      predictions.push({ path, label, top: topThree(row, options.logitScale) });
    });
  }
  return { result: count(split, classNames, predictions, options), predictions };
}

/** The place of the first score that is NaN or infinite. */
function firstNotFinite(scores: Float32Array): number | null {
  let sum = 0;
  for (const score of scores) sum += score;
  // Cosines: where all of them are finite, so is their sum.
  return Number.isFinite(sum) ? null : scores.findIndex((score) => !Number.isFinite(score));
}

function notFinite(
  { isAdapted }: MeasuredModel,
  { precision }: EvaluateOptions,
  found: string,
): ScoresNotFinite {
  const half = precision === "float16";
  const wide = half ? ', or set training.precision to "float32"' : "";
  if (isAdapted)
    return new ScoresNotFinite(
      `${found}, so the adapter has diverged`,
      `take an earlier checkpoint, or train anew with a lower optimizer.learningRate${wide}`,
    );
  return new ScoresNotFinite(
    `${found}, so the model's weights are damaged${half ? " or too large for float16" : ""}`,
    `get the model again, e.g. with \`glad model pull\`${wide}`,
  );
}

/** Images of some splits together. */
export function imagesOf(splits: readonly Pick<Evaluation, "samples">[]): number {
  return splits.reduce((sum, { samples }) => sum + samples.length, 0);
}

/** Counts hits of predictions; with the options also per class and as confusion. */
export function count(
  split: string,
  classNames: readonly string[],
  predictions: readonly Prediction[],
  { perClass, confusion }: Pick<EvaluateOptions, "perClass" | "confusion">,
): SplitResult {
  const table = classNames.map(() => classNames.map(() => 0));
  for (const { label, top } of predictions) table[label]![top[0]!.label]!++;
  const correct = table.reduce((sum, row, label) => sum + row[label]!, 0);
  const total = predictions.length;
  return {
    split,
    correct,
    total,
    accuracy: (100 * correct) / total,
    ...(perClass
      ? {
          perClass: classNames.map((name, label) => ({
            name,
            correct: table[label]![label]!,
            total: table[label]!.reduce((sum, n) => sum + n, 0),
          })),
        }
      : {}),
    ...(confusion ? { confusion: table } : {}),
  };
}

/**
 * Products of image features [n, d] and class embeddings [K, d]: [n, K]. Four classes at a time share the loads of an
 * image's values; each sum still runs over d in order, so equal embeddings have equal scores.
 */
export function similarities(
  features: Float32Array,
  classes: Float32Array,
  images: number,
  count: number,
): Float32Array {
  const width = classes.length / count;
  const scores = new Float32Array(images * count);
  for (let i = 0; i < images; i++) {
    const [image, at] = [i * width, i * count];
    let k = 0;
    for (; k + 3 < count; k += 4) {
      const a = k * width;
      const b = a + width;
      const c = b + width;
      const e = c + width;
      let [w, x, y, z] = [0, 0, 0, 0];
      for (let d = 0; d < width; d++) {
        const value = features[image + d]!;
        w += value * classes[a + d]!;
        x += value * classes[b + d]!;
        y += value * classes[c + d]!;
        z += value * classes[e + d]!;
      }
      scores[at + k] = w;
      scores[at + k + 1] = x;
      scores[at + k + 2] = y;
      scores[at + k + 3] = z;
    }
    for (; k < count; k++) {
      let sum = 0;
      for (let d = 0; d < width; d++) sum += features[image + d]! * classes[k * width + d]!;
      scores[at + k] = sum;
    }
  }
  return scores;
}

/** The three highest scores, the first of equals before the others, with their shares under softmax. */
export function topThree(scores: Float32Array, logitScale: number): Prediction["top"] {
  const top = [-1, -1, -1];
  const scoreAt = (label: number): number => (label < 0 ? -Infinity : scores[label]!);
  for (let k = 0; k < scores.length; k++) {
    const score = scores[k]!;
    if (top[2]! >= 0 && score <= scoreAt(top[2]!)) continue;
    const place = score > scoreAt(top[0]!) ? 0 : score > scoreAt(top[1]!) ? 1 : 2;
    top.splice(place, 0, k);
    top.pop();
  }
  const highest = scoreAt(top[0]!);
  let total = 0;
  for (const score of scores) total += Math.exp(logitScale * (score - highest));
  return top
    .filter((label) => label >= 0)
    .map((label) => ({
      label,
      probability: Math.exp(logitScale * (scores[label]! - highest)) / total,
    }));
}
