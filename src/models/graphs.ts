import { l2Normalise, softmaxCrossEntropy } from "../graph/compositions";
import { gradients, pullback } from "../graph/gradients";
import { constant, input, scalar } from "../graph/leaves";
import { cast, mul } from "../graph/ops/elementwise";
import { gemm, isProduct } from "../graph/ops/linear";
import { softmax } from "../graph/ops/reduce";
import { splitProgram, type SplitProgram } from "../graph/split";
import { scope, type Tensor } from "../graph/tensor";
import { withIdleUnits } from "../nn/idleUnits";
import type { Block, BlockAdapters } from "../nn/transformer";
import {
  adapterInputs,
  type AdapterProgram,
  gradientOf,
  gradientOutputs,
  type NamedInputs,
  namedInputs,
  outerType,
} from "./adapterInputs";
import type { Site } from "./lora";
import { mappedParameters, textParameters, visionParameters } from "./parameters";
import { textTower } from "./text";
import type { Snapshot } from "./types";
import { visionTower } from "./vision";

/**
 * The programs that a run is made of. Each is a table of outputs by name, ready for `toOnnx`; gradients are listed so
 * that what is computed first comes last (see toOnnx).
 */

export interface ClipProgram extends AdapterProgram {
  snapshot: Snapshot;
  /** Whether MLPs without adapters get idle units (see withIdleUnits); for sessions on the CPU that pack their weights. */
  idleUnits?: boolean;
}

/** Prompts of one chunk of classes. */
export interface PromptShape {
  /** Tokens that all share. */
  prefix: number;
  /** Other tokens of the longest prompt. */
  length: number;
  /** Classes. */
  count: number;
  /**
   * Rows for the other tokens where prompts are ragged: one after the other, as many tokens as each has, and at least one filler
   * (see Ragged). Null where each takes `length`.
   */
  rows: number | null;
}

/** Rows that a matrix of the text encoder sees. */
export function textRowCount({ prefix, length, count, rows }: PromptShape): number {
  return prefix + (rows ?? count * length);
}

/** Inputs `pixels` [B, 3, S, S] -> `features` [B, d], of length 1; no dropout. */
export function imageFeatureProgram(program: ClipProgram, images: number): Record<string, Tensor> {
  const { features } = imageFeatures(program, images, false);
  return { features: outward(features, program) };
}

/**
 * A classifier of images for others than this program, of a CLIP without adapters. Input `pixel_values` [B, 3, S, S] ->
 * `probabilities` [B, K]: softmax of the logits against class embeddings [K, d] of length 1, which the graph holds.
 */
export function classifierProgram(
  snapshot: Snapshot,
  images: number,
  embeddings: Float32Array,
): Record<string, Tensor> {
  const { vision, projectionDim } = snapshot.config;
  const pixels = input("pixel_values", "float32", [images, 3, vision.imageSize, vision.imageSize]);
  const params = visionParameters(mappedParameters(snapshot, "float32"), snapshot);
  const features = scope("vision", () => l2Normalise(visionTower(params, [], vision, pixels)));
  return scope("classes", () => {
    const classes = constant(embeddings, [embeddings.length / projectionDim, projectionDim]);
    const similarity = gemm(features, classes, { transB: true });
    return { probabilities: softmax(mul(similarity, scalar(snapshot.logitScale, similarity))) };
  });
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
  const { features, adapters } = imageFeatures(program, images, dropout);
  const { projectionDim } = program.snapshot.config;
  const embeddings = input("classes", outerType(program.dtype), [classes, projectionDim]);
  const leaves = [embeddings, ...adapters.leaves.values()];
  const { logits, loss, found } = lossAndGradients(program, { features, embeddings }, leaves);
  const [forClasses, ...forAdapters] = found;
  return {
    ...gradientOutputs(program, [adapters], forAdapters),
    [gradientOf("classes")]: forClasses!,
    logits,
    loss,
  };
}

/**
 * A whole batch and all classes in one graph: inputs of imageLossProgram and textFeatureProgram without `classes` ->
 * `loss`, `logits` [B, K] and `gradient.<adapter>` of both encoders. Nothing is computed twice, and only adapters and
 * their gradients travel; all that the backward pass needs is held at once.
 */
export function wholeStepProgram(
  program: ClipProgram,
  images: number,
  shape: PromptShape,
  dropout: boolean,
): Record<string, Tensor> {
  const inputs = namedInputs();
  const image = imageFeatures(program, images, dropout, inputs);
  const text = textFeatures(program, shape, dropout, inputs);
  const embeddings = outward(text.features, program);
  const adapters = [text.adapters, image.adapters];
  const leaves = adapters.flatMap((encoder) => [...encoder.leaves.values()]);
  const { features } = image;
  const { logits, loss, found } = lossAndGradients(program, { features, embeddings }, leaves);
  return { ...gradientOutputs(program, adapters, found), logits, loss };
}

/** Cross-entropy of images [B, d] against classes [K, d], with the inputs `targets` and `lossScale`. */
function lossAndGradients(
  { dtype, snapshot }: ClipProgram,
  { features, embeddings }: Record<"features" | "embeddings", Tensor>,
  leaves: readonly Tensor[],
) {
  const outer = outerType(dtype);
  const targets = input("targets", outer, [features.shape[0]!, embeddings.shape[0]!]);
  const lossScale = input("lossScale", outer, []);
  return scope("loss", () => {
    const similarity = gemm(features, cast(embeddings, dtype), { transB: true });
    // Logits and loss are computed in float32 at least: exp(100) does not fit float16.
    const widened = cast(similarity, outer);
    const logits = mul(widened, scalar(snapshot.logitScale, widened)); // [B, K]
    const loss = softmaxCrossEntropy(logits, targets);
    return { logits, loss, found: gradients(mul(loss, lossScale), leaves) };
  });
}

/**
 * Inputs `prefix`, `suffix`, `endOfText` and, where prompts are ragged, `places`, `grid`, `cells`, `real` (see PromptTensors) ->
 * `features` [K, d], of length 1.
 */
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
  const found = pullback(result, cotangent, [...adapters.leaves.values()]);
  return {
    features: { features: result },
    gradients: gradientOutputs(program, [adapters], found),
  };
}

function imageFeatures(
  program: ClipProgram,
  images: number,
  dropout: boolean,
  inputs: NamedInputs = namedInputs(),
) {
  const { snapshot, dtype } = program;
  const { vision } = snapshot.config;
  const tokens = (vision.imageSize / vision.patchSize) ** 2 + 1;
  const pixels = input("pixels", outerType(dtype), [images, 3, vision.imageSize, vision.imageSize]);
  const rowsOf = (site: Site): number =>
    readsOneToken(site, vision.layers) ? images : images * tokens;
  const adapters = adapterInputs("vision", program, inputs, dropout ? rowsOf : null);
  const params = visionParameters(mappedParameters(snapshot, dtype), snapshot);
  const tower = { ...params, blocks: blocksFor(program, params.blocks, adapters.blocks) };
  const features = scope("vision", () =>
    l2Normalise(visionTower(tower, adapters.blocks, vision, cast(pixels, dtype))),
  );
  return { features, adapters };
}

function textFeatures(
  program: ClipProgram,
  shape: PromptShape,
  dropout: boolean,
  inputs: NamedInputs = namedInputs(),
) {
  const { snapshot, dtype } = program;
  const { text } = snapshot.config;
  const { prefix, length, count, rows } = shape;
  const outer = outerType(dtype);
  const ragged = rows !== null && {
    places: input("places", "int32", [rows]),
    grid: input("grid", "int32", [count * length]),
    cells: input("cells", "int32", [rows]),
    real: cast(input("real", outer, [rows, 1]), dtype),
  };
  const prompts = {
    prefix: input("prefix", "int32", [prefix]),
    suffix: input("suffix", "int32", rows === null ? [count, length] : [rows]),
    endOfText: cast(input("endOfText", outer, [count, length]), dtype),
    ...(ragged ? { ragged } : {}),
  };
  const rowsOf = (site: Site): number =>
    readsOneToken(site, text.layers) ? count : textRowCount(shape);
  const adapters = adapterInputs("text", program, inputs, dropout ? rowsOf : null);
  const params = textParameters(mappedParameters(snapshot, dtype), snapshot);
  const tower = { ...params, blocks: blocksFor(program, params.blocks, adapters.blocks) };
  const features = scope("text", () =>
    l2Normalise(textTower(tower, adapters.blocks, text, prompts)),
  );
  return { features, adapters };
}

/** An adapter fits the MLP as it was published, so that blocks with one there keep it. */
function blocksFor(
  { idleUnits = false }: ClipProgram,
  blocks: readonly Block[],
  adapters: readonly BlockAdapters[],
): Block[] {
  return blocks.map((block, i) =>
    idleUnits && !adapters[i]?.fc1 && !adapters[i]?.fc2 ? withIdleUnits(block) : block,
  );
}

/** Whether a matrix is applied to the read-out token alone: all but keys and values of the last block. */
export function readsOneToken({ layer, target }: Site, layers: number): boolean {
  return layer === layers - 1 && target !== "k" && target !== "v";
}

function outward(features: Tensor, { dtype }: ClipProgram): Tensor {
  return cast(features, outerType(dtype));
}
