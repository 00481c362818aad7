import { clipTensorShapes } from "../models/clipNames";
import type { ClipConfig, NamedTensors } from "../models/types";
import { uniform } from "../util/hash";

/** A weight's place in the vector of all weights; `offset` counts elements. */
export interface WeightSlot {
  name: string;
  shape: number[];
  offset: number;
  size: number;
}

/** All weights of a CLIP as one vector, in the order of transformers' names. */
export function weightLayout(config: ClipConfig): WeightSlot[] {
  let offset = 0;
  return [...clipTensorShapes(config)].map(([name, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const slot = { name, shape, offset, size };
    offset += size;
    return slot;
  });
}

/** The vector's parts by name; they share its memory. */
export function namedWeights(layout: readonly WeightSlot[], weights: Float32Array): NamedTensors {
  return new Map(
    layout.map(({ name, shape, offset, size }) => [
      name,
      { shape, data: weights.subarray(offset, offset + size) },
    ]),
  );
}

/**
 * Where pre-training starts: norms at 1, biases at 0, the logit scale at 1 / 0.07, matrices normal with a deviation of
 * 1 / sqrt(inputs), token embeddings with 0.02 and positions with 0.01 as OpenAI's CLIP.
 */
export function initialWeights(layout: readonly WeightSlot[], seed: number): Float32Array {
  const weights = new Float32Array(layout.reduce((sum, { size }) => sum + size, 0));
  layout.forEach(({ name, shape, offset, size }, place) => {
    const values = weights.subarray(offset, offset + size);
    if (name === "logit_scale") values[0] = Math.log(1 / 0.07);
    else if (/norm\d?\.weight$/.test(name)) values.fill(1);
    else if (!name.endsWith(".bias")) {
      const deviation = deviationOf(name, size / shape[0]!);
      for (let i = 0; i < size; i++) values[i] = deviation * normal(seed, place, i);
    }
  });
  return weights;
}

function deviationOf(name: string, inputs: number): number {
  if (name.endsWith("token_embedding.weight")) return 0.02;
  if (name.endsWith("position_embedding.weight")) return 0.01;
  if (name.endsWith("class_embedding")) return 0.1;
  // What a block adds to the residual starts small.
  const share = /(out_proj|fc2)\.weight$/.test(name) ? 0.4 : 1;
  return share / Math.sqrt(inputs);
}

/** A standard normal number as a function of integers (Box and Muller). */
function normal(...integers: number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(...integers, 0)));
  return radius * Math.cos(2 * Math.PI * uniform(...integers, 1));
}
