import { batchAt } from "../data/batches";
import { normalisation, writeNormalised } from "../data/transforms";
import { toOnnx } from "../graph/onnx";
import type { ClipConfig } from "../models/types";
import { clipMean, clipStd } from "../models/writeSnapshot";
import { adamwInit, adamwUpdate } from "../optim/adamw";
import { learningRateAt } from "../optim/schedule";
import { type HostTensor, openSession } from "../runtime/session";
import { captionOf } from "./captions";
import { contrastiveProgram, gradientOf } from "./contrastive";
import { encodeCaption } from "./demoClip";
import { RandomStream } from "./randomStream";
import { rasterise } from "./rasterise";
import type { Scene } from "./scene";
import { initialWeights, namedWeights, type WeightSlot, weightLayout } from "./weights";
import { pretrainingPicture } from "./world";

export interface PretrainOptions {
  config: ClipConfig;
  seed: number;
  /** Pictures that are drawn, a multiple of the batch; each epoch shows all, half of them mirrored, with other captions. */
  pictures: number;
  batch: number;
  steps: number;
  learningRate: number;
  weightDecay: number;
  warmupSteps: number;
  threads: number;
}

/** What pre-training tells every so many steps: means since the last time. */
export interface PretrainProgress {
  step: number;
  loss: number;
  /** Share of the images whose own caption is the nearest of the batch. */
  hits: number;
  logitScale: number;
  learningRate: number;
}

/** Keep the draws of an epoch apart: the mirroring, the captions. */
const epochStreams = { mirror: 11, caption: 12 } as const;
/** CLIP's bound: the logit scale stays at 100 or below. */
const mostLogitScale = Math.log(100);

/**
 * Pre-trains a CLIP on the drawn world from random weights with the contrastive loss, all weights trained, by AdamW with
 * warm-up and cosine. The same options give the same weights on the same machine. Returns them in the order of `weightLayout`.
 */
export async function pretrain(
  options: PretrainOptions,
  every: number,
  report: (progress: PretrainProgress) => void | Promise<void>,
): Promise<Float32Array> {
  const { config, seed, batch, steps } = options;
  const layout = weightLayout(config);
  const pool = await drawPool(options);
  const program = contrastiveProgram(config, layout, batch, config.text.contextLength);
  const session = await openSession(toOnnx(program, { fusedMatMul: true }), {
    device: { kind: "cpu" },
    threads: options.threads,
  });
  const scaleAt = layout.find(({ name }) => name === "logit_scale")!.offset;
  let weights = initialWeights(layout, seed);
  let adamw = adamwInit(weights.length);
  const gradient = new Float32Array(weights.length);
  const sum = { loss: 0, hits: 0 };
  try {
    for (let step = 0; step < steps; step++) {
      const out = await session.run({
        ...batchFeeds(options, pool, step),
        ...weightFeeds(layout, weights),
      });
      for (const { name, offset } of layout)
        gradient.set(out[gradientOf(name)]!.data as Float32Array, offset);
      const learningRate = learningRateAt(step, { ...options, minLearningRate: 0 });
      ({ theta: weights, state: adamw } = adamwUpdate(weights, gradient, adamw, {
        learningRate,
        betas: [0.9, 0.98],
        epsilon: 1e-6,
        weightDecay: options.weightDecay,
      }));
      weights[scaleAt] = Math.min(weights[scaleAt]!, mostLogitScale);
      sum.loss += (out.loss!.data as Float32Array)[0]! / every;
      sum.hits += hitsOf(out.similarity!.data as Float32Array, batch) / batch / every;
      if ((step + 1) % every === 0) {
        const logitScale = Math.exp(weights[scaleAt]);
        await report({ step: step + 1, ...sum, logitScale, learningRate });
        Object.assign(sum, { loss: 0, hits: 0 });
      }
    }
  } finally {
    await session.release();
  }
  return weights;
}

/** The drawn pictures: what they show, and their bytes one after the other. */
interface Pool {
  scenes: Scene[];
  pixels: Uint8Array;
}

async function drawPool({ config, seed, pictures }: PretrainOptions): Promise<Pool> {
  const side = config.vision.imageSize;
  const size = 3 * side * side;
  const pool: Pool = { scenes: [], pixels: new Uint8Array(pictures * size) };
  const portion = 64;
  for (let start = 0; start < pictures; start += portion) {
    const count = Math.min(portion, pictures - start);
    const drawn = Array.from({ length: count }, (_, i) =>
      pretrainingPicture(seed, start + i, side),
    );
    const images = await Promise.all(drawn.map(({ svg }) => rasterise(svg)));
    images.forEach((image, i) => pool.pixels.set(image, (start + i) * size));
    pool.scenes.push(...drawn.map(({ scene }) => scene));
  }
  return pool;
}

function batchFeeds(
  { config, seed, pictures, batch }: PretrainOptions,
  pool: Pool,
  step: number,
): Record<string, HostTensor> {
  const { epoch, indices } = batchAt({ count: pictures, batchSize: batch, seed, step });
  const chosen = Array.from(indices);
  const captions = chosen.map((i) =>
    captionOf(pool.scenes[i]!, new RandomStream(seed, epochStreams.caption, epoch, i)),
  );
  const mirrored = chosen.map((i) =>
    new RandomStream(seed, epochStreams.mirror, epoch, i).chance(0.5),
  );
  return {
    pixels: pixelFeed(config.vision.imageSize, pool.pixels, chosen, mirrored),
    ...captionFeeds(captions.map(encodeCaption), config.text.contextLength - 1),
  };
}

function pixelFeed(
  side: number,
  bytes: Uint8Array,
  chosen: readonly number[],
  mirrored: readonly boolean[],
): HostTensor {
  const size = 3 * side * side;
  const table = normalisation({
    size: side,
    cropSize: side,
    oddMargin: "down",
    mean: clipMean,
    std: clipStd,
  });
  const data = new Float32Array(chosen.length * size);
  chosen.forEach((picture, k) => {
    const image = bytes.subarray(picture * size, (picture + 1) * size);
    writeNormalised(
      { width: side, height: side, data: image },
      table,
      data,
      k * size,
      mirrored[k]!,
    );
  });
  return { dtype: "float32", shape: [chosen.length, 3, side, side], data };
}

/** All captions begin with start of text alone; the rest is filled up with end of text to a fixed length. */
function captionFeeds(ids: readonly number[][], length: number): Record<string, HostTensor> {
  const suffix = new Int32Array(ids.length * length);
  const endOfText = new Float32Array(ids.length * length);
  ids.forEach((row, k) => {
    for (let i = 0; i < length; i++) suffix[k * length + i] = row[Math.min(i + 1, row.length - 1)]!;
    endOfText[k * length + row.length - 2] = 1;
  });
  const shape = [ids.length, length];
  return {
    prefix: { dtype: "int32", shape: [1], data: Int32Array.of(ids[0]![0]!) },
    suffix: { dtype: "int32", shape, data: suffix },
    endOfText: { dtype: "float32", shape, data: endOfText },
  };
}

function weightFeeds(
  layout: readonly WeightSlot[],
  weights: Float32Array,
): Record<string, HostTensor> {
  return Object.fromEntries(
    [...namedWeights(layout, weights)].map(([name, { shape, data }]) => [
      name,
      { dtype: "float32", shape, data },
    ]),
  );
}

/** How many rows of a square matrix have their largest value on the diagonal. */
function hitsOf(similarity: Float32Array, n: number): number {
  let hits = 0;
  for (let i = 0; i < n; i++) {
    const row = similarity.subarray(i * n, (i + 1) * n);
    if (row.every((value) => value <= row[i]!)) hits++;
  }
  return hits;
}
