import type { ClipConfig } from "../../src/models/types";

const encoder = { layers: 12, layerNormEps: 1e-5, activation: "quick_gelu" } as const;

/** CLIP ViT-B/16's sizes. */
export const vitB16: ClipConfig = {
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
