import { l2Normalise, softmaxCrossEntropy } from "../graph/compositions";
import { gradients, pullback } from "../graph/gradients";
import { input, scalar } from "../graph/leaves";
import { cast, mul } from "../graph/ops/elementwise";
import { gemm, isProduct } from "../graph/ops/linear";
import { splitProgram, type SplitProgram } from "../graph/split";
import { type DType, scope, type Tensor } from "../graph/tensor";
import { poolRows } from "./dropout";
import { adapterInputs, type AdapterInputs, type LoraSpec, type Site } from "./lora";
import { mappedParameters, textParameters, visionParameters } from "./parameters";
import { textTower } from "./text";
import type { Snapshot } from "./types";
import { visionTower } from "./vision";

/**
 * The programs that a run is made of. Each is a table of outputs by name, ready for `toOnnx`; gradients are listed so
 * that what is computed first comes last (see toOnnx).
 */

export interface ClipProgram {
  snapshot: Snapshot;
  sites: readonly Site[];
  lora: LoraSpec;
  /** Arithmetic of the graph. What is fed and given back is float32 (float64 in a float64 graph). */
  dtype: DType;
}

/** Prompts of one chunk of classes: shared tokens, other tokens per class, classes. */
export interface PromptShape {
  prefix: number;
  length: number;
  count: number;
}

export const gradientOf = (name: string): string => `gradient.${name}`;

/** Inputs `pixels` [B, 3, S, S] -> `features` [B, d], of length 1; no dropout. */
export function imageFeatureProgram(program: ClipProgram, images: number): Record<string, Tensor> {
  const { features } = imageFeatures(program, images, false);
  return { features: outward(features, program) };
}

/**
 * Inputs `pixels` [B, 3, S, S], `classes` [K, d] (class embeddings of length 1), `targets` [B, K] (1 / batch size at each
 * image's class, a row of zeros for padding), `lossScale` (a positive number by which all gradients come multiplied) ->
 * `loss`, `logits` [B, K], `gradient.classes` [K, d], `gradient.<adapter>`.
 */
export function imageLossProgram(
  program: ClipProgram,
  images: number,
  classes: number,
  dropout: boolean,
): Record<string, Tensor> {
  const { dtype, snapshot } = program;
  const outer = outerType(dtype);
  const { features, adapters } = imageFeatures(program, images, dropout);
  const embeddings = input("classes", outer, [classes, snapshot.config.projectionDim]);
  const targets = input("targets", outer, [images, classes]);
  const lossScale = input("lossScale", outer, []);
  return scope("loss", () => {
    const similarity = gemm(features, cast(embeddings, dtype), { transB: true });
    // Logits and loss are computed in float32 at least: exp(100) does not fit float16.
    const widened = cast(similarity, outer);
    const logits = mul(widened, scalar(snapshot.logitScale, widened)); // [B, K]
    const loss = softmaxCrossEntropy(logits, targets);
    const leaves = [embeddings, ...adapters.parameters.values()];
    const [forClasses, ...forAdapters] = gradients(mul(loss, lossScale), leaves);
    return {
      ...named(adapters, forAdapters),
      [gradientOf("classes")]: forClasses!,
      logits,
      loss,
    };
  });
}

/** Inputs `prefix`, `suffix`, `endOfText` (see PromptTensors) -> `features` [K, d], of length 1. */
export function textFeatureProgram(
  program: ClipProgram,
  shape: PromptShape,
  dropout: boolean,
): Record<string, Tensor> {
  return textPrograms(program, shape, dropout).features;
}

/** As textFeatureProgram, and with `cotangent` [K, d] (dL/d features): `gradient.<adapter>`. */
export function textGradientProgram(
  program: ClipProgram,
  shape: PromptShape,
  dropout: boolean,
): Record<string, Tensor> {
  return textPrograms(program, shape, dropout).gradients;
}

/**
 * textFeatureProgram and textGradientProgram, where the second takes the results of the first one's matrix products in
 * place of computing them again.
 */
export function textProgramInParts(
  program: ClipProgram,
  shape: PromptShape,
  dropout: boolean,
): SplitProgram {
  const { features, gradients: found } = textPrograms(program, shape, dropout);
  return splitProgram(features, found, isProduct);
}

function textPrograms(program: ClipProgram, shape: PromptShape, dropout: boolean) {
  const { features, adapters } = textFeatures(program, shape, dropout);
  const result = outward(features, program);
  const cotangent = input("cotangent", outerType(program.dtype), features.shape);
  const found = pullback(result, cotangent, [...adapters.parameters.values()]);
  return { features: { features: result }, gradients: named(adapters, found) };
}

function imageFeatures(program: ClipProgram, images: number, dropout: boolean) {
  const { snapshot, dtype } = program;
  const { vision } = snapshot.config;
  const tokens = (vision.imageSize / vision.patchSize) ** 2 + 1;
  const pixels = input("pixels", outerType(dtype), [images, 3, vision.imageSize, vision.imageSize]);
  const adapters = encoderAdapters(program, "vision", dropout, (site) =>
    readsOneToken(site, vision.layers) ? images : images * tokens,
  );
  const params = visionParameters(mappedParameters(snapshot, dtype), snapshot);
  const features = scope("vision", () =>
    l2Normalise(visionTower(params, adapters.blocks, vision, cast(pixels, dtype))),
  );
  return { features, adapters };
}

function textFeatures(
  program: ClipProgram,
  { prefix, length, count }: PromptShape,
  dropout: boolean,
) {
  const { snapshot, dtype } = program;
  const { text } = snapshot.config;
  const prompts = {
    prefix: input("prefix", "int32", [prefix]),
    suffix: input("suffix", "int32", [count, length]),
    endOfText: cast(input("endOfText", outerType(dtype), [count, length]), dtype),
  };
  const adapters = encoderAdapters(program, "text", dropout, (site) =>
    readsOneToken(site, text.layers) ? count : prefix + count * length,
  );
  const params = textParameters(mappedParameters(snapshot, dtype), snapshot);
  const features = scope("text", () =>
    l2Normalise(textTower(params, adapters.blocks, text, prompts)),
  );
  return { features, adapters };
}

/** Whether a matrix is applied to the read-out token alone: all but keys and values of the last block. */
export function readsOneToken({ layer, target }: Site, layers: number): boolean {
  return layer === layers - 1 && target !== "k" && target !== "v";
}

function encoderAdapters(
  { sites, lora, dtype }: ClipProgram,
  encoder: Site["encoder"],
  dropout: boolean,
  rowsOf: (site: Site) => number,
): AdapterInputs {
  return adapterInputs(
    sites.filter((site) => site.encoder === encoder),
    lora,
    dtype,
    dropout ? { poolRows, rowsOf } : undefined,
  );
}

function named(adapters: AdapterInputs, found: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(
    [...adapters.parameters.keys()].map((name, i) => [gradientOf(name), found[i]!]),
  );
}

function outward(features: Tensor, { dtype }: ClipProgram): Tensor {
  return cast(features, outerType(dtype));
}

function outerType(dtype: DType): DType {
  return dtype === "float64" ? "float64" : "float32";
}
