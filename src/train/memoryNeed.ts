import type { ClipConfig } from "../models/types";
import type { Config } from "../protocol/config";
import { activationBytes, keptBytes, packedBytes, type PassSizes } from "./passSizes";

/**
 * Memory for decoded training images: 950 photos of 500 x 375 beside a GPU, 240 on a CPU, whose memory the engine takes too.
 * What does not fit is decoded again in every epoch, which the engine does not wait for.
 */
export const cacheMiB = { cpu: 128, gpu: 512 };

/** Bytes that a run takes at its peak, by what takes them. */
export interface MemoryNeed {
  /** The frozen weights, and what is packed of them. */
  weights: number;
  /** One pass of the image encoder. */
  imagePass: number;
  /** One pass of the text encoder, and what is kept from forward to backward passes. */
  classPass: number;
  /** Decoded images that are kept. */
  images: number;
  /** Node.js, onnxruntime and their buffers. */
  program: number;
  total: number;
}

const MiB = 2 ** 20;

/**
 * What the process of a run takes on the CPU. Measured steps of ViT-B/16 lie within a twentieth of it (bench/RESULTS.md);
 * of the images, as many as are trained, at most `cacheMiB`, are kept decoded.
 */
export function memoryNeed(
  clip: ClipConfig,
  { microBatchSize, classChunkSize, keptTextBytes, packImage }: PassSizes,
  run: {
    parameters: number;
    classes: number;
    promptTokens: number;
    longestPrompt?: number;
    trainImages: number;
    cacheMiB: number;
    precision: Config["training"]["precision"];
  },
): MemoryNeed {
  const size = run.precision === "float16" ? 0.5 : 1;
  const { imageSize, patchSize } = clip.vision;
  const tokens = (imageSize / patchSize) ** 2 + 1;
  const { promptTokens, longestPrompt, classes } = run;
  const chunks = Math.ceil(classes / classChunkSize);
  const chunkBytes = classChunkSize * keptBytes(clip.text, promptTokens, longestPrompt) * size;
  const owners = chunks > 1 ? Math.min(chunks, Math.floor((keptTextBytes ?? 0) / chunkBytes)) : 0;
  const parts = {
    // What is packed is no longer read from the mapped file; of the text encoder's the peak was measured not to grow.
    weights: 4 * run.parameters * size + (packImage ? packedBytes(clip.vision) / 2 : 0),
    imagePass: microBatchSize * activationBytes(clip.vision, tokens) * size,
    classPass:
      classChunkSize * activationBytes(clip.text, promptTokens, longestPrompt) * size +
      (1 + owners) * chunkBytes,
    // 950 photos of 500 x 375 fill 512 MiB.
    images: Math.min(run.cacheMiB, (512 / 950) * run.trainImages) * MiB,
    program: 320 * MiB,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
}
