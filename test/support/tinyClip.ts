import { clipTokenizerJson, mergesOf, vocabularyOf } from "../../src/data/clipVocabulary";
import { clipTensorShapes } from "../../src/models/clipNames";
import type { ClipConfig, NamedTensors, TextConfig, VisionConfig } from "../../src/models/types";
import { writeSnapshot } from "../../src/models/writeSnapshot";
import { randomValues } from "./random";

/** Sizes of a tiny CLIP; what is left out is as in `tinyClipConfig`. */
export interface TinyClipOptions {
  vision?: Partial<VisionConfig>;
  text?: Partial<Omit<TextConfig, "vocabularySize">>;
  projectionDim?: number;
  /** Words that are one token each; everything else is spelt in bytes. */
  words?: readonly string[];
  /** The logit scale itself, not its logarithm. */
  logitScale?: number;
  seed?: number;
}

const plainWords = ["a", "photo", "of", "the", "cat", "dog", "bird", "car", "tree", "red"];

/** The tokenizer.json of a tiny CLIP: all bytes and the given words. */
export function tinyTokenizerJson(words: readonly string[] = plainWords): unknown {
  const merges = mergesOf(words);
  return clipTokenizerJson(vocabularyOf(merges), merges);
}

/** Two blocks each, width 24 (text) and 32 (vision), 16 tokens of context, 24x24 images in 9 patches. */
export function tinyClipConfig(options: TinyClipOptions = {}): ClipConfig {
  const vocabularySize = Object.keys(vocabularyOf(mergesOf(options.words ?? plainWords))).length;
  return {
    vision: {
      hiddenSize: 32,
      intermediateSize: 48,
      layers: 2,
      heads: 2,
      layerNormEps: 1e-5,
      activation: "quick_gelu",
      imageSize: 24,
      patchSize: 8,
      ...options.vision,
    },
    text: {
      hiddenSize: 24,
      intermediateSize: 48,
      layers: 2,
      heads: 3,
      layerNormEps: 1e-5,
      activation: "quick_gelu",
      contextLength: 16,
      endOfText: { by: "highest-id" },
      ...options.text,
      vocabularySize,
    },
    projectionDim: options.projectionDim ?? 16,
  };
}

/**
 * Random weights from a seed: matrices with a deviation of 1/sqrt(fan-in), so that no path has a vanishing gradient,
 * visible biases, norms about 1.
 */
export function tinyClipTensors(config: ClipConfig, seed = 1, logitScale = 14): NamedTensors {
  const tensors: NamedTensors = new Map();
  let place = 0;
  for (const [name, shape] of clipTensorShapes(config)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const fanIn =
      name.includes("embedding") && !name.includes("patch") ? 3 : count / (shape[0] ?? 1);
    const bound = shape.length < 2 ? 0.3 : Math.sqrt(3 / fanIn);
    const data = Float32Array.from(randomValues(count, seed * 1000 + place++, -bound, bound));
    if (/norm\d?\.weight$/.test(name)) data.forEach((value, i) => (data[i] = 1 + value));
    if (name === "logit_scale") data[0] = Math.log(logitScale);
    tensors.set(name, { shape, data });
  }
  return tensors;
}

/** Writes a random tiny CLIP as a snapshot folder and returns its configuration. */
export async function writeTinyClip(
  folder: string,
  options: TinyClipOptions = {},
): Promise<ClipConfig> {
  const config = tinyClipConfig(options);
  const tensors = tinyClipTensors(config, options.seed, options.logitScale);
  await writeSnapshot(folder, config, tensors, tinyTokenizerJson(options.words));
  return config;
}
