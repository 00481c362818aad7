import { join } from "node:path";
import type { ImagePipeline } from "../data/imagePipeline";
import type { Evaluation } from "../data/openData";
import type { SplitResult } from "../protocol/events";
import type { Engine } from "./engineTypes";
import { argmax } from "./argmax";

export interface EvaluateOptions {
  /** Folder and prompt of the splits that name none of their own. */
  imageRoot: string;
  template: string;
  perClass: boolean;
  confusion: boolean;
  /** exp of the logit scale: it decides no prediction, only the probabilities. */
  logitScale: number;
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

/** Images that are asked of the pipeline at once, and how many such batches it works ahead. */
const [batchSize, ahead] = [32, 3];

/**
 * Top-1 accuracy on one split, from counts. Each class is scored by the product of L2-normalised features; of equal
 * scores the first class wins. theta null is CLIP without adapters. `betweenBatches` may throw to end the evaluation.
 */
export async function evaluate(
  engine: Engine,
  pipeline: ImagePipeline,
  theta: Float32Array | null,
  { split, classNames, samples, ...own }: Evaluation,
  options: EvaluateOptions,
  betweenBatches: () => void = () => undefined,
): Promise<Evaluated> {
  const { imageRoot, template } = { ...options, ...own };
  const prompts = classNames.map((name) => template.replaceAll("{}", name));
  const classes = await embedPrompts(engine, theta, prompts);
  const predictions: Prediction[] = [];
  const batches: { start: number; pixels: Promise<Float32Array> }[] = [];
  let asked = 0;
  while (predictions.length < samples.length) {
    betweenBatches();
    for (; asked < samples.length && batches.length < ahead; asked += batchSize) {
      const paths = samples
        .slice(asked, asked + batchSize)
        .map(({ path }) => join(imageRoot, path));
      batches.push({ start: asked, pixels: pipeline.evaluationBatch(paths) });
    }
    const { start, pixels } = batches.shift()!;
    const batch = samples.slice(start, start + batchSize);
    const features = await engine.imageFeatures(theta, await pixels, batch.length);
    const scores = similarities(features, classes, batch.length, classNames.length);
    batch.forEach(({ path, label }, i) => {
      const row = scores.subarray(i * classNames.length, (i + 1) * classNames.length);
      predictions.push({ path, label, top: topThree(row, options.logitScale) });
    });
  }
  return { result: count(split, classNames, predictions, options), predictions };
}

/**
 * Class embeddings [K, d]. Each distinct prompt is encoded once: ImageNet has two missiles and two pairs of sunglasses, and
 * their scores must be equal to the bit for the first of them to win on every device.
 */
export async function embedPrompts(
  engine: Pick<Engine, "classEmbeddings">,
  theta: Float32Array | null,
  prompts: readonly string[],
): Promise<Float32Array> {
  const distinct = [...new Set(prompts)];
  const embedded = await engine.classEmbeddings(theta, distinct);
  if (distinct.length === prompts.length) return embedded;
  const width = embedded.length / distinct.length;
  const rows = new Map(distinct.map((prompt, row) => [prompt, row * width]));
  const classes = new Float32Array(prompts.length * width);
  prompts.forEach((prompt, label) => {
    const from = rows.get(prompt)!;
    classes.set(embedded.subarray(from, from + width), label * width);
  });
  return classes;
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

/** Products of image features [n, d] and class embeddings [K, d]: [n, K]. */
function similarities(
  features: Float32Array,
  classes: Float32Array,
  images: number,
  count: number,
): Float32Array {
  const width = classes.length / count;
  const scores = new Float32Array(images * count);
  for (let i = 0; i < images; i++)
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let d = 0; d < width; d++) sum += features[i * width + d]! * classes[k * width + d]!;
      scores[i * count + k] = sum;
    }
  return scores;
}

function topThree(scores: Float32Array, logitScale: number): Prediction["top"] {
  const first = argmax(scores, 0, scores.length);
  let total = 0;
  for (const score of scores) total += Math.exp(logitScale * (score - scores[first]!));
  const chosen: number[] = [];
  for (let rank = 0; rank < Math.min(3, scores.length); rank++) {
    let best = -1;
    for (let k = 0; k < scores.length; k++)
      if (!chosen.includes(k) && (best < 0 || scores[k]! > scores[best]!)) best = k;
    chosen.push(best);
  }
  return chosen.map((label) => ({
    label,
    probability: Math.exp(logitScale * (scores[label]! - scores[first]!)) / total,
  }));
}
