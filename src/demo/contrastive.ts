import { l2Normalise, softmaxCrossEntropy } from "../graph/compositions";
import { gradients } from "../graph/gradients";
import { constant, input } from "../graph/leaves";
import { add, exp, mul } from "../graph/ops/elementwise";
import { gemm } from "../graph/ops/linear";
import { reshape, transposeLast } from "../graph/ops/shape";
import { scope, type Tensor } from "../graph/tensor";
import { type ParameterSource, textParameters, visionParameters } from "../models/parameters";
import { textTower } from "../models/text";
import type { ClipConfig } from "../models/types";
import { visionTower } from "../models/vision";
import type { WeightSlot } from "./weights";

export const gradientOf = (name: string): string => `gradient.${name}`;

/**
 * CLIP's contrastive loss (Radford et al. 2021): the mean of the cross-entropies of images against captions and of
 * captions against images, where the i-th belongs to the i-th. Inputs `pixels` [B, 3, S, S]; `prefix` [1], `suffix` and
 * `endOfText` [B, tokens - 1] (see PromptTensors); every weight under its name -> `gradient.<weight>`, `similarity`
 * [B, B] (images by captions), `loss`. float64 serves to check the gradients.
 */
export function contrastiveProgram(
  config: ClipConfig,
  layout: readonly WeightSlot[],
  batch: number,
  tokens: number,
  dtype: "float32" | "float64" = "float32",
): Record<string, Tensor> {
  const { vision, text } = config;
  const weights = new Map(
    layout.map(({ name, shape }) => [name, input(name, dtype, shape)] as const),
  );
  const source: ParameterSource = (name, shape) => reshape(weights.get(name)!, shape);
  const pixels = input("pixels", dtype, [batch, 3, vision.imageSize, vision.imageSize]);
  const prompts = {
    prefix: input("prefix", "int32", [1]),
    suffix: input("suffix", "int32", [batch, tokens - 1]),
    endOfText: input("endOfText", dtype, [batch, tokens - 1]),
  };
  const images = scope("vision", () =>
    l2Normalise(visionTower(visionParameters(source, { config }), [], vision, pixels)),
  );
  const captions = scope("text", () =>
    l2Normalise(textTower(textParameters(source, { config }), [], text, prompts)),
  );
  return scope("loss", () => {
    const similarity = gemm(images, captions, { transB: true });
    const logits = mul(similarity, exp(source("logit_scale", [])));
    const halves = constant(diagonal(batch, 0.5 / batch), [batch, batch], dtype);
    const loss = add(
      softmaxCrossEntropy(logits, halves),
      softmaxCrossEntropy(transposeLast(logits), halves),
    );
    const found = gradients(loss, [...weights.values()]);
    return {
      ...Object.fromEntries([...weights.keys()].map((name, i) => [gradientOf(name), found[i]!])),
      similarity,
      loss,
    };
  });
}

function diagonal(n: number, value: number): Float32Array {
  const values = new Float32Array(n * n);
  for (let i = 0; i < n; i++) values[i * (n + 1)] = value;
  return values;
}
