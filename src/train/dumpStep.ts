import { decodeRgb } from "../data/decode";
import {
  evaluationPixels,
  type ImageTransform,
  normalisation,
  writeNormalised,
} from "../data/transforms";
import type { LoraSpec, ParameterSlot } from "../models/lora";
import { adaptedPlaces, namedTheta, peftPrefix, thetaOf } from "../models/loraNames";
import { readNamedTensors, writeSafetensors } from "../models/safetensors";
import type { NamedTensors } from "../models/types";
import { promptOf } from "../protocol/prompt";
import { UserError } from "../util/errors";
import { plural } from "../util/text";
import { openEngine } from "./openEngine";
import { gladGradient, type GladGradient } from "./step";

export interface StepRequest {
  model: string;
  images: string[];
  labels: number[];
  classes: string[];
  /** A file of LoRA values under PEFT's names; null for initial values from `seed`. */
  lora: string | null;
  seed: number;
  rank: number;
  loraAlpha: number;
  scaling: "rslora" | "lora";
  alpha: number;
  rho: number;
  template: string;
  dump: string | null;
  device: string;
}

export interface StepReport {
  metrics: GladGradient["metrics"];
  correct: number;
  count: number;
}

/** One GLAD step on given images, without augmentation and dropout; every value goes to `request.dump`. */
export async function dumpStep(request: StepRequest): Promise<StepReport> {
  checkRequest(request);
  const given = request.lora === null ? null : await readLora(request.lora);
  const places =
    given === null
      ? ({ encoder: "both", targets: ["q", "k", "v"], layers: "all", rank: request.rank } as const)
      : adaptedPlaces(given, request.lora!);
  const lora: LoraSpec = {
    ...places,
    alpha: request.loraAlpha,
    scaling: request.scaling,
    dropout: 0,
  };
  const prompts = request.classes.map((name) => promptOf(request.template, name));
  const { engine, snapshot } = await openEngine({
    model: request.model,
    lora,
    prompts,
    device: request.device,
    threads: null,
    training: {
      batchSize: request.images.length,
      microBatchSize: "auto",
      classChunkSize: "auto",
      memoryBudgetMiB: "auto",
      precision: "float32",
    },
  });
  try {
    const theta =
      given === null
        ? engine.initialParameters(request.seed)
        : thetaOf(engine.layout, given, request.lora!);
    const pixels = await pixelsOf(request.images, snapshot.preprocessor);
    const batch = {
      pixels,
      labels: Int32Array.from(request.labels),
      sampleIds: Int32Array.from(request.labels.keys()),
    };
    const draw = { seed: request.seed, step: 0 };
    const glad = { alpha: request.alpha, rho: request.rho, period: 1 };
    const found = await gladGradient(
      engine,
      { theta, flat: null, lossScale: null, step: 0 },
      batch,
      draw,
      glad,
    );
    if (typeof found === "string")
      throw new UserError(`${found}; check the LoRA values in ${request.lora ?? "the model"}`);
    if (request.dump !== null) {
      const features = await engine.imageFeatures(theta, pixels, request.images.length);
      const classes = await engine.classEmbeddings(theta, prompts);
      const { cropSize } = snapshot.preprocessor;
      await writeSafetensors(
        request.dump,
        new Map([
          ["pixel_values", matrix(pixels, request.images.length, 3, cropSize, cropSize)],
          [
            "image_features",
            matrix(features, request.images.length, snapshot.config.projectionDim),
          ],
          ["class_embeddings", matrix(classes, prompts.length, snapshot.config.projectionDim)],
          ["logits", matrix(found.logits, request.images.length, prompts.length)],
          ...gradientsOf(found, theta, engine.layout),
        ]),
      );
    }
    return { metrics: found.metrics, correct: found.correct, count: request.images.length };
  } finally {
    await engine.close();
  }
}

/** Losses, LoRA values and gradients under the names of a dump; plain LoRA has no SAM gradient to give. */
function gradientsOf(
  { metrics, g, sam, final }: GladGradient,
  theta: Float32Array,
  layout: readonly ParameterSlot[],
): NamedTensors {
  const vectors = { lora: theta, g, ...(sam ? { g_sam: sam } : {}), g_final: final };
  const { perturbedLoss } = metrics;
  return new Map([
    ["loss", matrix(Float32Array.of(metrics.loss))],
    ...(perturbedLoss === null
      ? []
      : [["perturbed_loss", matrix(Float32Array.of(perturbedLoss))] as const]),
    ...Object.entries(vectors).flatMap(([kind, vector]) =>
      [...namedTheta(layout, vector)].map(([name, tensor]) => [`${kind}.${name}`, tensor] as const),
    ),
  ]);
}

function matrix(data: Float32Array, ...shape: number[]): { shape: number[]; data: Float32Array } {
  return { shape, data };
}

async function pixelsOf(
  paths: readonly string[],
  transform: ImageTransform,
): Promise<Float32Array> {
  const size = 3 * transform.cropSize ** 2;
  const table = normalisation(transform);
  const pixels = new Float32Array(paths.length * size);
  for (const [i, path] of paths.entries())
    writeNormalised(
      evaluationPixels(await decodeRgb(path), transform),
      table,
      pixels,
      i * size,
      false,
    );
  return pixels;
}

async function readLora(file: string): Promise<NamedTensors> {
  const { tensors } = await readNamedTensors(file);
  return new Map([...tensors].map(([name, tensor]) => [name.replace(peftPrefix, ""), tensor]));
}

function checkRequest(request: StepRequest): void {
  const { images, labels, classes, template, alpha, rho, rank, loraAlpha } = request;
  if (labels.length !== images.length)
    throw new UserError(
      `--labels has ${plural(labels.length, "number")} for ${plural(images.length, "image")}; give the class of each image`,
    );
  const wrong = labels.find(
    (label) => !Number.isInteger(label) || label < 0 || label >= classes.length,
  );
  if (wrong !== undefined)
    throw new UserError(
      `--labels: ${wrong} is not a class; there ${classes.length === 1 ? "is" : "are"} ${plural(classes.length, "class")}, counted from 0`,
    );
  if (!template.includes("{}"))
    throw new UserError(`--template "${template}" must contain "{}" where the class name goes`);
  const ranges = [
    ["--alpha", alpha, alpha >= 0 && alpha <= 1, "a number from 0 to 1"],
    ["--rho", rho, rho >= 0, "0 or more"],
    ["--lora-alpha", loraAlpha, loraAlpha > 0, "above 0"],
    ["--rank", rank, Number.isInteger(rank) && rank > 0, "a whole number above 0"],
  ] as const;
  for (const [option, value, fits, expected] of ranges)
    if (!fits) throw new UserError(`${option} is ${value}; it must be ${expected}`);
}
