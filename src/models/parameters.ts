import { basename } from "node:path";
import { external } from "../graph/leaves";
import { cast } from "../graph/ops/elementwise";
import { transposeLast } from "../graph/ops/shape";
import type { DType, Tensor } from "../graph/tensor";
import type { Linear, Norm } from "../nn/linear";
import type { Block } from "../nn/transformer";
import { InternalError } from "../util/errors";
import type { TextTower } from "./text";
import type { EncoderConfig, Snapshot } from "./types";
import type { VisionTower } from "./vision";

/** Gives the tensor of a published name, in the shape that the graph wants it. */
export type ParameterSource = (name: string, shape: readonly number[]) => Tensor;

/**
 * Weights that stay in the snapshot's files; the graph's initializers point to them. They are float32 there (see
 * weightCache.ts); for a graph of another dtype the engine converts them once when it opens the session.
 */
export function mappedParameters(snapshot: Snapshot, dtype: DType): ParameterSource {
  const made = new Map<string, Tensor>();
  return (name, shape) => {
    const known = made.get(name);
    if (known) return known;
    const stored = snapshot.tensors.get(name);
    if (!stored || (stored.dtype !== "float32" && stored.dtype !== "float16"))
      throw new InternalError(`parameter ${name} is ${stored ? stored.dtype : "missing"}`);
    const { offset, length, transposed } = stored;
    const bytes = { location: basename(stored.file), offset, length };
    const lying = transposed ? [...shape].reverse() : shape;
    const tensor = external(name, bytes, stored.dtype, lying);
    const result = cast(transposed ? transposeLast(tensor) : tensor, dtype);
    made.set(name, result);
    return result;
  };
}

/** The image encoder's parameters by transformers' names. */
export function visionParameters(
  source: ParameterSource,
  { config }: Pick<Snapshot, "config">,
): VisionTower {
  const { hiddenSize: width, patchSize, imageSize, layerNormEps } = config.vision;
  const prefix = "vision_model.embeddings";
  const tokens = (imageSize / patchSize) ** 2 + 1;
  return {
    classEmbedding: source(`${prefix}.class_embedding`, [width]),
    patchEmbedding: source(`${prefix}.patch_embedding.weight`, [width, 3 * patchSize * patchSize]),
    positionEmbedding: source(`${prefix}.position_embedding.weight`, [tokens, width]),
    // The misspelling is the published name.
    preNorm: normOf(source, "vision_model.pre_layrnorm", width, layerNormEps),
    blocks: blocksOf(source, "vision_model", config.vision),
    postNorm: normOf(source, "vision_model.post_layernorm", width, layerNormEps),
    projection: source("visual_projection.weight", [config.projectionDim, width]),
  };
}

/** The text encoder's parameters by transformers' names. */
export function textParameters(
  source: ParameterSource,
  { config }: Pick<Snapshot, "config">,
): TextTower {
  const { hiddenSize: width, vocabularySize, contextLength, layerNormEps } = config.text;
  const prefix = "text_model.embeddings";
  return {
    tokenEmbedding: source(`${prefix}.token_embedding.weight`, [vocabularySize, width]),
    positionEmbedding: source(`${prefix}.position_embedding.weight`, [contextLength, width]),
    blocks: blocksOf(source, "text_model", config.text),
    finalNorm: normOf(source, "text_model.final_layer_norm", width, layerNormEps),
    projection: source("text_projection.weight", [config.projectionDim, width]),
  };
}

function blocksOf(source: ParameterSource, model: string, config: EncoderConfig): Block[] {
  const { hiddenSize: width, intermediateSize: wide, layerNormEps } = config;
  return Array.from({ length: config.layers }, (_, i) => {
    const at = `${model}.encoder.layers.${i}`;
    const linear = (name: string, inSize: number, outSize: number): Linear => ({
      weight: source(`${at}.${name}.weight`, [outSize, inSize]),
      bias: source(`${at}.${name}.bias`, [outSize]),
    });
    return {
      norm1: normOf(source, `${at}.layer_norm1`, width, layerNormEps),
      q: linear("self_attn.q_proj", width, width),
      k: linear("self_attn.k_proj", width, width),
      v: linear("self_attn.v_proj", width, width),
      o: linear("self_attn.out_proj", width, width),
      norm2: normOf(source, `${at}.layer_norm2`, width, layerNormEps),
      fc1: linear("mlp.fc1", width, wide),
      fc2: linear("mlp.fc2", wide, width),
    };
  });
}

function normOf(source: ParameterSource, name: string, width: number, epsilon: number): Norm {
  return {
    weight: source(`${name}.weight`, [width]),
    bias: source(`${name}.bias`, [width]),
    epsilon,
  };
}
