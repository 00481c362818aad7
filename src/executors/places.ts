import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import type { FrozenConfig } from "../protocol/frozen";

/** Which slots a run may take, and what its process must be told to compute there. */
export interface Place {
  slots: string[];
  /** Environment for the trainer in a slot. */
  environment(slot: string): NodeJS.ProcessEnv;
}

/** The processors that runs are distributed over. */
export interface Machine {
  /** Processors that threads of the engine run on. */
  cores: number;
  /** CUDA's names of the GPUs that may be used; empty without NVIDIA's driver. */
  cudaGpus: string[];
  /** Whether there may be a GPU of any make. */
  anyGpu: boolean;
}

/** Looks at this machine. What onnxruntime can really use is found out by the trainer; here it is only about who shares. */
export function thisMachine(env: NodeJS.ProcessEnv = process.env): Machine {
  const cudaGpus = visibleGpus(env);
  return {
    cores: availableParallelism(),
    cudaGpus,
    anyGpu: cudaGpus.length > 0 || process.platform !== "linux" || hasRenderNode(),
  };
}

/**
 * The slots for a run: one per GPU; on the CPU as many as its threads fit into the cores (a run that takes all cores is
 * alone). With `parallel` a number, as many as it says, distributed over the GPUs.
 */
export function placeFor(
  config: Pick<FrozenConfig, "device" | "threads">,
  parallel: "auto" | number,
  machine: Machine,
  env: NodeJS.ProcessEnv = process.env,
): Place {
  const { device, threads } = config;
  if (device === "cpu" || (device === "auto" && !machine.anyGpu)) {
    const fitting = Math.max(1, Math.floor(machine.cores / (threads ?? machine.cores)));
    return plain(repeated(["cpu"], parallel === "auto" ? fitting : parallel));
  }
  const { cudaGpus } = machine;
  const index = /^cuda:(\d+)$/.exec(device)?.[1];
  if (index !== undefined)
    return plain(repeated([`gpu-${cudaGpus[Number(index)] ?? index}`], each(parallel, 1)));
  // Only CUDA can be told which GPU to take; "auto" takes it where its provider was brought along.
  const spread = device === "cuda" || (device === "auto" && Boolean(env.GLAD_CUDA_PATH));
  if (!spread || cudaGpus.length < 2)
    return plain(repeated([`gpu-${cudaGpus[0] ?? "0"}`], each(parallel, 1)));
  const gpuOf = new Map(cudaGpus.map((gpu) => [`gpu-${gpu}`, gpu]));
  return {
    slots: repeated([...gpuOf.keys()], each(parallel, cudaGpus.length)),
    environment: (slot) => ({ CUDA_VISIBLE_DEVICES: gpuOf.get(slot.replace(/\.\d+$/, ""))! }),
  };
}

/**
 * Bytes of main memory that a run takes, roughly: what the automatic sizes of its passes may use, its weights, and the
 * process itself.
 */
export function memoryNeed(config: FrozenConfig): number {
  const { memoryBudgetMiB } = config.training;
  const passes = memoryBudgetMiB === "auto" ? 2.5 * GiB : memoryBudgetMiB * 2 ** 20;
  return passes + weightBytes(config.run.modelFolder) + GiB / 4;
}

/** Bytes of main memory that can be taken without swapping, the limit of a control group included. */
export function memoryLeft(): number {
  // Node has it from 20.13 on.
  const { availableMemory } = process as { availableMemory?: () => number };
  return availableMemory?.() ?? freemem();
}

const GiB = 2 ** 30;

function weightBytes(folder: string): number {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".safetensors"))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}

function plain(slots: string[]): Place {
  return { slots, environment: () => ({}) };
}

/** How many runs each of so many devices gets. */
function each(parallel: "auto" | number, devices: number): number {
  return parallel === "auto" ? 1 : Math.ceil(parallel / devices);
}

/** Every device once, then every device a second time, and so on. */
function repeated(devices: readonly string[], times: number): string[] {
  return Array.from({ length: times }, (_, i) =>
    devices.map((device) => (i === 0 ? device : `${device}.${i}`)),
  ).flat();
}

function visibleGpus(env: NodeJS.ProcessEnv): string[] {
  const visible = env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined) return visible.split(",").filter((name) => name.trim() !== "");
  try {
    const list = execFileSync("nvidia-smi", ["-L"], {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return [...list.matchAll(/^GPU (\d+):/gm)].map(([, index]) => index!);
  } catch {
    return [];
  }
}

/** GPUs appear on Linux as render nodes, below Windows as /dev/dxg. */
function hasRenderNode(): boolean {
  if (existsSync("/dev/dxg")) return true;
  try {
    return readdirSync("/dev/dri").some((name) => name.startsWith("renderD"));
  } catch {
    return false;
  }
}
