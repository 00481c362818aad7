import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LoraSpec } from "../../src/models/lora";
import { readNamedTensors } from "../../src/models/safetensors";
import { openSnapshot } from "../../src/models/snapshot";
import type { NamedTensors } from "../../src/models/types";
import { ClipEngine, type EngineOptions } from "../../src/train/engine";
import type { PassSizes } from "../../src/train/passSizes";
import type { Batch } from "../../src/train/engineTypes";

export const goldenFolder = resolve(__dirname, "../golden");

interface StepScalars {
  loss: number;
  perturbedLoss: number;
  correct: number;
  gradientNorm: number;
  samGradientNorm: number;
  finalGradientNorm: number;
  cosine: number;
}

/** One case of test/golden/clip.py; its README describes the fields. */
export interface GoldenCase {
  model: string;
  prompts: string[];
  inputIds: number[][];
  images: string[] | null;
  classNames: string[];
  template: string;
  labels: number[];
  lora: LoraSpec;
  glad: { alpha: number; rho: number };
  optimizer: { learningRate: number; minLearningRate: number; weightDecay: number };
  start: StepScalars;
  random: StepScalars;
  training: (StepScalars & { learningRate: number })[];
}

export const goldenCases = ["a-qkv", "a-vision", "b-all", "b-text", "c-all"];

/** A case, its tensors, its batch, and an engine on its model, or on the one in the folder `model`. */
export async function openGolden(
  name: string,
  options: Partial<
    Pick<EngineOptions, keyof PassSizes | "device" | "precision" | "packAdapters"> & {
      model: string;
    }
  > = {},
): Promise<{ golden: GoldenCase; tensors: NamedTensors; batch: Batch; engine: ClipEngine }> {
  const golden = JSON.parse(readFileSync(join(goldenFolder, `${name}.json`), "utf8")) as GoldenCase;
  const { tensors } = await readNamedTensors(join(goldenFolder, `${name}.safetensors`));
  const inputs = await readNamedTensors(join(goldenFolder, golden.model, "inputs.safetensors"));
  const ids = new Map(golden.prompts.map((prompt, i) => [prompt, golden.inputIds[i]!]));
  const engine = new ClipEngine({
    snapshot: await openSnapshot(options.model ?? join(goldenFolder, golden.model)),
    lora: { ...golden.lora, dropout: 0 },
    encode: (prompt) => ids.get(prompt)!,
    prompts: golden.prompts,
    device: options.device ?? { kind: "cpu" },
    deviceName: "cpu",
    deviceReason: "asked for",
    threads: 1,
    precision: options.precision ?? "float32",
    microBatchSize: options.microBatchSize ?? golden.labels.length,
    classChunkSize: options.classChunkSize ?? golden.prompts.length,
    keptTextBytes: options.keptTextBytes === undefined ? 2 ** 24 : options.keptTextBytes,
    wholeStep: options.wholeStep ?? false,
    ...(options.packAdapters === undefined ? {} : { packAdapters: options.packAdapters }),
    separatePhases: false,
    packImage: options.packImage ?? true,
    packText: options.packText ?? true,
  });
  const batch: Batch = {
    pixels: inputs.tensors.get("pixel_values")!.data,
    labels: Int32Array.from(golden.labels),
    sampleIds: Int32Array.from(golden.labels.keys()),
  };
  return { golden, tensors, batch, engine };
}

/** The LoRA values (or gradients) of a case as one vector in the engine's layout. */
export function vectorOf(engine: ClipEngine, tensors: NamedTensors, prefix: string): Float32Array {
  const vector = new Float32Array(engine.parameterCount);
  for (const { name, offset } of engine.layout)
    vector.set(tensors.get(`${prefix}.${name}`)!.data, offset);
  return vector;
}
