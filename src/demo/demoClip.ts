import { clipTokenizerJson, endOfText, startOfText, vocabularyOf } from "../data/clipVocabulary";
import type { ClipConfig } from "../models/types";
import { trainMerges } from "./bytePairs";
import { words } from "./captions";

/** The side of the pictures that the demo's CLIP sees, in pixels. */
const imageSize = 48;

const merges = trainMerges(words);
const vocabulary = vocabularyOf(merges);

/** The demo's tokenizer.json: CLIP's, with all bytes and the words of the world. */
export const demoTokenizer: unknown = clipTokenizerJson(vocabulary, merges);

/** The sizes of the demo's CLIP. */
export const demoClipConfig: ClipConfig = {
  vision: {
    hiddenSize: 96,
    intermediateSize: 256,
    layers: 4,
    heads: 4,
    layerNormEps: 1e-5,
    activation: "quick_gelu",
    imageSize,
    patchSize: 8,
  },
  text: {
    hiddenSize: 64,
    intermediateSize: 192,
    layers: 3,
    heads: 4,
    layerNormEps: 1e-5,
    activation: "quick_gelu",
    vocabularySize: Object.keys(vocabulary).length,
    contextLength: 16,
    endOfText: { by: "highest-id" },
  },
  projectionDim: 64,
};

/** Token ids of a text made of the world's words, with begin and end of text. */
export function encodeCaption(text: string): number[] {
  const id = (token: string): number => vocabulary[token]!;
  const parts = text.match(/\p{L}+|\./gu) ?? [];
  return [id(startOfText), ...parts.map((part) => id(`${part}</w>`)), id(endOfText)];
}
