import { expect, test } from "vitest";
import type { ClipConfig } from "../../src/models/types";
import { activationBytes, passSizes } from "../../src/train/passSizes";

const encoder = { layers: 12, layerNormEps: 1e-5, activation: "quick_gelu" } as const;
const clip: ClipConfig = {
  vision: {
    ...encoder,
    hiddenSize: 768,
    intermediateSize: 3072,
    heads: 12,
    imageSize: 224,
    patchSize: 16,
  },
  text: {
    ...encoder,
    hiddenSize: 512,
    intermediateSize: 2048,
    heads: 8,
    vocabularySize: 49408,
    contextLength: 77,
    endOfText: { by: "highest-id" },
  },
  projectionDim: 512,
};
const auto = { microBatchSize: null, classChunkSize: null };
const run = {
  batchSize: 32,
  classes: 1000,
  promptTokens: 5,
  memoryBytes: 2.5 * 2 ** 30,
  cpu: true,
};

test("automatic sizes of ViT-B/16 are those measured to be fastest on a CPU", () => {
  expect(activationBytes(clip.vision, 197) / 1e6).toBeCloseTo(164.25, 1);
  expect(passSizes(clip, auto, run)).toEqual({ microBatchSize: 2, classChunkSize: 143 });
});

test("a GPU takes what the budget holds, a small budget still one image and one class", () => {
  expect(passSizes(clip, auto, { ...run, cpu: false })).toEqual({
    microBatchSize: 8,
    classChunkSize: 250,
  });
  expect(passSizes(clip, auto, { ...run, memoryBytes: 1e6 })).toEqual({
    microBatchSize: 1,
    classChunkSize: 1,
  });
});

test("pieces are equal and never larger than the batch", () => {
  expect(passSizes(clip, auto, { ...run, batchSize: 5 }).microBatchSize).toBe(2);
  expect(
    passSizes(clip, { microBatchSize: 64, classChunkSize: 7 }, { ...run, classes: 3 }),
  ).toEqual({
    microBatchSize: 32,
    classChunkSize: 3,
  });
});
