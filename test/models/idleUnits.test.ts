import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { toOnnx } from "../../src/graph/onnx";
import type { Tensor } from "../../src/graph/tensor";
import {
  type ClipProgram,
  imageFeatureProgram,
  imageLossProgram,
  textGradientProgram,
} from "../../src/models/graphs";
import { type LoraSpec, loraSites, parameterLayout } from "../../src/models/lora";
import { openSnapshot } from "../../src/models/snapshot";
import type { Snapshot } from "../../src/models/types";
import type { Target } from "../../src/nn/transformer";
import { type HostTensor, openSession } from "../../src/runtime/session";
import { randomValues } from "../support/random";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

const images = 2;
const shape = { prefix: 2, length: 3, count: 3, rows: null };
const dialect = { fusedMatMul: true };

/** A tiny CLIP with hidden layers whose rows are a multiple of 4096 bytes long. */
async function wideClip(): Promise<Snapshot> {
  const folder = temporaryFolder();
  await writeTinyClip(folder, {
    vision: { intermediateSize: 1024 },
    text: { intermediateSize: 2048, activation: "gelu" },
  });
  return openSnapshot(folder);
}

function programOf(snapshot: Snapshot, targets: Target[], idleUnits: boolean): ClipProgram {
  const lora: LoraSpec = {
    encoder: "both",
    targets,
    layers: "all",
    rank: 2,
    alpha: 2,
    scaling: "lora",
    dropout: 0,
  };
  const sites = loraSites(snapshot.config, lora);
  return { snapshot, sites, lora, dtype: "float32", packed: false, idleUnits };
}

function feedsOf({ sites, lora, snapshot }: ClipProgram): Record<string, HostTensor> {
  const { imageSize } = snapshot.config.vision;
  const { projectionDim } = snapshot.config;
  const floats = (seed: number, of: readonly number[]): HostTensor => ({
    dtype: "float32",
    shape: of,
    data: Float32Array.from(
      randomValues(
        of.reduce((a, b) => a * b, 1),
        seed,
        -1,
        1,
      ),
    ),
  });
  const ids = (values: number[], of: readonly number[]): HostTensor => ({
    dtype: "int32",
    shape: of,
    data: Int32Array.from(values),
  });
  const ofFloats = (values: number[], of: readonly number[]): HostTensor => ({
    dtype: "float32",
    shape: of,
    data: Float32Array.from(values),
  });
  return {
    ...Object.fromEntries(
      parameterLayout(sites, lora.rank).map((slot, i) => [slot.name, floats(i + 10, slot.shape)]),
    ),
    pixels: floats(1, [images, 3, imageSize, imageSize]),
    classes: floats(2, [shape.count, projectionDim]),
    targets: ofFloats([0.5, 0, 0, 0, 0.5, 0], [images, shape.count]),
    lossScale: ofFloats([1], []),
    prefix: ids([3, 4], [2]),
    suffix: ids([5, 6, 7, 8, 9, 10, 11, 12, 13], [3, 3]),
    endOfText: ofFloats([0, 0, 1, 0, 1, 0, 1, 0, 0], [3, 3]),
    cotangent: floats(3, [shape.count, projectionDim]),
  };
}

async function computed(
  program: ClipProgram,
  outputs: Record<string, Tensor>,
): Promise<Record<string, HostTensor>> {
  const session = await openSession(toOnnx(outputs, dialect), {
    device: { kind: "cpu" },
    threads: 1,
    weightsFolder: dirname([...program.snapshot.tensors.values()][0]!.file),
    packWeights: true,
  });
  const results = await session.run(feedsOf(program));
  await session.release();
  return results;
}

const programs = {
  image: (program: ClipProgram) => imageLossProgram(program, images, shape.count, false),
  text: (program: ClipProgram) => textGradientProgram(program, shape, false),
};

test.each(["image", "text"] as const)(
  "idle units change no bit of the %s encoder's gradients",
  async (encoder) => {
    const snapshot = await wideClip();
    const [plain, idle] = [false, true].map((on) => programOf(snapshot, ["q", "k", "v"], on));
    const [want, found] = [
      await computed(plain!, programs[encoder](plain!)),
      await computed(idle!, programs[encoder](idle!)),
    ];
    expect(Object.keys(found).length).toBeGreaterThan(6);
    expect(found).toEqual(want);
  },
);

test("idle units stand in MLPs without adapters alone, and where rows would share lines of the cache", async () => {
  const wide = await wideClip();
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  const narrow = await openSnapshot(folder);
  const bytes = (snapshot: Snapshot, targets: Target[], on: boolean): Uint8Array =>
    toOnnx(programs.image(programOf(snapshot, targets, on)), dialect);
  expect(bytes(wide, ["q"], true)).not.toEqual(bytes(wide, ["q"], false));
  expect(bytes(wide, ["fc1"], true)).toEqual(bytes(wide, ["fc1"], false));
  expect(bytes(wide, ["fc2"], true)).toEqual(bytes(wide, ["fc2"], false));
  expect(bytes(narrow, ["q"], true)).toEqual(bytes(narrow, ["q"], false));
});

test("onnxruntime makes the longer matrices when the session is opened, not in every run", async () => {
  const snapshot = await wideClip();
  const program = programOf(snapshot, ["q"], true);
  const model = toOnnx(imageFeatureProgram(program, images), dialect);
  const file = join(temporaryFolder(), "optimised.onnx");
  const weights = dirname([...snapshot.tensors.values()][0]!.file);
  const session = await ort.InferenceSession.create(model, {
    optimizedModelFilePath: file,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    extra: { session: { model_external_initializers_file_folder_path: weights } },
  });
  await session.release();
  // Field 4 of a node is the name of its operator.
  const operator = (name: string): Buffer =>
    Buffer.concat([Buffer.of(0x22, name.length), Buffer.from(name)]);
  expect(Buffer.from(model).includes(operator("Pad"))).toBe(true);
  const optimised = readFileSync(file);
  expect(optimised.includes(operator("Gemm"))).toBe(true);
  expect(optimised.includes(operator("Pad"))).toBe(false);
});
