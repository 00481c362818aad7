/**
 * A CLIP ViT-B/16 with random weights, in the layout and sizes of openai/clip-vit-base-patch16 (600 MB):
 * `node bench/run.mjs randomClip FOLDER`.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { clipTokenizerJson, type Merge, mergesOf, vocabularyOf } from "../src/data/clipVocabulary";
import { clipTensorShapes } from "../src/models/clipNames";
import type { TensorSource } from "../src/models/safetensors";
import type { ClipConfig } from "../src/models/types";
import { writeSnapshot } from "../src/models/writeSnapshot";
import { hash32 } from "../src/util/hash";

/** The sizes of openai/clip-vit-base-patch16. */
export const vitB16: ClipConfig = {
  vision: {
    hiddenSize: 768,
    intermediateSize: 3072,
    layers: 12,
    heads: 12,
    layerNormEps: 1e-5,
    activation: "quick_gelu",
    imageSize: 224,
    patchSize: 16,
  },
  text: {
    hiddenSize: 512,
    intermediateSize: 2048,
    layers: 12,
    heads: 8,
    layerNormEps: 1e-5,
    activation: "quick_gelu",
    vocabularySize: 49408,
    contextLength: 77,
    endOfText: { by: "highest-id" },
  },
  projectionDim: 512,
};

/** Writes the model where the folder does not hold it yet. The weights are made while they are written. */
export async function writeRandomClip(folder: string, seed = 1): Promise<void> {
  if (existsSync(join(folder, "model.safetensors"))) return;
  const sources = [...clipTensorShapes(vitB16)].map(([name, shape], place): TensorSource => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { name, shape, values: () => values(name, shape, count, hash32(seed, place)) };
  });
  const merges = fillerMerges();
  const tokenizer = clipTokenizerJson(vocabularyOf(merges), merges);
  await writeSnapshot(folder, vitB16, sources, tokenizer);
}

const partSize = 2 ** 20;

/** Matrices of deviation 1/sqrt(fan-in), norms about 1, small biases; the logit scale is OpenAI's 100. */
function* values(
  name: string,
  shape: readonly number[],
  count: number,
  seed: number,
): Generator<Float32Array> {
  if (name === "logit_scale") {
    yield Float32Array.of(Math.log(100));
    return;
  }
  const bound = shape.length < 2 ? 0.1 : Math.sqrt(3 / (count / shape[0]!));
  const centre = /norm\d?\.weight$/.test(name) ? 1 : 0;
  let state = seed;
  for (let done = 0; done < count; done += partSize) {
    const part = new Float32Array(Math.min(partSize, count - done));
    for (let i = 0; i < part.length; i++) {
      // xorshift32 (Marsaglia): quick, and good enough for weights that nobody trains.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      part[i] = centre + bound * (state / 2 ** 31);
    }
    yield part;
  }
}

/** As many merges as CLIP has: the words of common prompts, then triples of letters. */
function fillerMerges(): Merge[] {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const merges = new Map<string, Merge>();
  const add = (merge: Merge): void => void merges.set(merge.join(""), merge);
  mergesOf(["a", "photo", "of", "the", "type", "picture"]).forEach(add);
  const wanted = 49408 - 512 - 2;
  const ends = ["", "</w>"];
  const pairs = letters.flatMap((x) => letters.map((y) => x + y));
  for (const pair of pairs) for (const end of ends) add([pair[0]!, pair[1]! + end]);
  for (const pair of pairs)
    for (const letter of letters) for (const end of ends) add([pair, letter + end]);
  for (const pair of pairs) for (const other of pairs) add([pair, other]);
  return [...merges.values()].slice(0, wanted);
}

const [, program = "", folder] = process.argv;
if (basename(program) === "randomClip.cjs") {
  if (folder === undefined) throw new Error("usage: node bench/run.mjs randomClip FOLDER");
  void writeRandomClip(folder).then(() => console.log(`a random ViT-B/16 lies in ${folder}`));
}
