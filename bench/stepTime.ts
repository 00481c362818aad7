import { tmpdir } from "node:os";
import { join } from "node:path";
import { matrixFlops } from "../src/graph/ops/linear";
import { sizeOf, type Tensor, topologicalOrder } from "../src/graph/tensor";
import { type ClipProgram, imageLossProgram, textProgramInParts } from "../src/models/graphs";
import { type LoraSpec, loraSites } from "../src/models/lora";
import { type PromptBatch, promptBatch, tokensPerClass } from "../src/models/prompts";
import { openSnapshot } from "../src/models/snapshot";
import type { Snapshot } from "../src/models/types";
import { type Device, deviceName } from "../src/runtime/device";
import type { Precision } from "../src/runtime/probeGraphs";
import { ClipEngine } from "../src/train/engine";
import { passSizes, type PassSizes } from "../src/train/passSizes";
import { promptPasses } from "../src/train/promptPasses";
import { initialState, takeStep, type TrainState } from "../src/train/step";
import { sharingPasses } from "../src/train/textPasses";

export const batchSize = 32;
/** A random ViT-B/16 (600 MB), made once. */
export const model = join(tmpdir(), "glad-bench-vit-b-16");
/** CLIP-LoRA's defaults. */
const lora: LoraSpec = {
  encoder: "both",
  targets: ["q", "k", "v"],
  layers: "all",
  rank: 2,
  alpha: 1,
  scaling: "rslora",
  dropout: 0.25,
};

export interface StepTimes {
  /** Seconds of each step, plain and GLAD in turn. */
  plain: number[];
  glad: number[];
  peakMiB: number;
  sizes: PassSizes;
  /** Seconds of the first plain step, which opens sessions and, on a GPU, brings weights there and compiles programs. */
  first: number;
}

/** Times plain and GLAD steps in turn, after one that opens sessions and touches memory for the first time. */
export async function timeSteps(options: {
  classes: number;
  steps: number;
  threads: number;
  device: Device;
  precision: Precision;
  /** Bytes for the passes of the engine. */
  passMemory: number;
  /** Called when everything was measured and the engine still holds its memory. */
  beforeClose?: () => void;
}): Promise<StepTimes> {
  const { classes, device, precision, threads } = options;
  const snapshot = await openSnapshot(model);
  const prompts = Array.from({ length: classes }, (_, k) => String(k));
  const encoded = promptsOf(snapshot, classes);
  const sizes = passSizes(
    snapshot.config,
    { microBatchSize: null, classChunkSize: null },
    {
      batchSize,
      classes,
      promptTokens: tokensPerClass(encoded),
      longestPrompt: encoded.length,
      memoryBytes: options.passMemory,
      precision,
      cpu: device.kind === "cpu",
    },
  );
  const engine = new ClipEngine({
    ...sizes,
    snapshot,
    lora,
    encode: (prompt) => tokensOf(Number(prompt)),
    prompts,
    device,
    deviceName: deviceName(device),
    deviceReason: "",
    threads,
    precision,
  });
  const batch = {
    pixels: Float32Array.from({ length: batchSize * 3 * 224 * 224 }, (_, i) => Math.sin(i)),
    labels: Int32Array.from({ length: batchSize }, (_, i) => i % classes),
    sampleIds: Int32Array.from({ length: batchSize }, (_, i) => i),
  };
  const optimizer = {
    learningRate: 2e-4,
    minLearningRate: 1e-6,
    betas: [0.9, 0.999] as [number, number],
    epsilon: 1e-8,
    weightDecay: 0.01,
    warmupSteps: 0,
    clipNorm: null,
  };
  let state: TrainState = initialState(engine.initialParameters(1), precision);
  const time = async (alpha: number): Promise<number> => {
    const started = performance.now();
    const result = await takeStep(engine, state, batch, 1, {
      glad: { alpha, rho: 0.05, period: 1 },
      optimizer,
      steps: 100,
    });
    const seconds = (performance.now() - started) / 1000;
    state = result.state;
    // float16 looks for its loss scale in the first steps.
    return result.skipped === null ? seconds : time(alpha);
  };
  const first = await time(0);
  const plain: number[] = [];
  const glad: number[] = [];
  for (let i = 0; i < options.steps; i++) {
    plain.push(await time(0));
    glad.push(await time(0.5));
  }
  options.beforeClose?.();
  await engine.close();
  return { plain, glad, peakMiB: process.resourceUsage().maxRSS / 1024, sizes, first };
}

function promptsOf({ config }: Snapshot, classes: number): PromptBatch {
  const tokens = Array.from({ length: classes }, (_, k) => tokensOf(k));
  return promptBatch(tokens, config.text);
}

/** Class names of one to three tokens, as those of the benchmark's data sets. */
function tokensOf(k: number): number[] {
  const name = Array.from({ length: 1 + (k % 3) }, (_, i) => 1000 + k * 7 + i);
  return [49406, 320, 1125, 539, 320, ...name, 269, 49407];
}

/** Matrix arithmetic of a plain step on the CPU. */
export interface Work {
  /** With what is computed again for want of memory, and for padding. */
  done: number;
  /** That of one pass over the whole batch and one over all classes. */
  needed: number;
}

export async function workOf(classes: number, sizes: PassSizes): Promise<Work> {
  const snapshot = await openSnapshot(model);
  const prompts = promptsOf(snapshot, classes);
  const sites = loraSites(snapshot.config, lora);
  const program: ClipProgram = { snapshot, sites, lora, dtype: "float32", packed: false };
  const { microBatchSize, classChunkSize, keptTextBytes } = sizes;
  const images = (count: number): number =>
    flopsOf(imageLossProgram(program, count, classes, true));
  const text = (count: number) => {
    const { shape, passes } = promptPasses(prompts, count);
    const { first, second, kept } = textProgramInParts(program, shape, true);
    const each = [...kept.values()].reduce((sum, node) => sum + 4 * sizeOf(node.shape), 0);
    return { passes: passes.length, each, forward: flopsOf(first), backward: flopsOf(second) };
  };
  const whole = text(classes);
  const { passes, each, forward, backward } = text(classChunkSize);
  const again = sharingPasses(passes, each, keptTextBytes ?? 0) - 1;
  return {
    needed: images(batchSize) + whole.forward + whole.backward,
    done:
      Math.ceil(batchSize / microBatchSize) * images(microBatchSize) +
      (passes + again) * forward +
      passes * backward,
  };
}

function flopsOf(outputs: Record<string, Tensor>): number {
  return matrixFlops(topologicalOrder(Object.values(outputs)));
}
