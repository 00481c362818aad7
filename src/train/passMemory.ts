import type { Config } from "../protocol/config";
import type { RunEvent } from "../protocol/events";
import type { Snapshot } from "../models/types";
import type { Device } from "../runtime/device";
import { freeGpuMemory } from "../runtime/gpuMemory";
import { gpuMemoryBudget, memory, memoryBudget } from "../runtime/memory";

export interface PassMemory {
  /** Bytes that the automatic sizes of the engine's passes are made for. */
  bytes: number;
  /** A sentence for the user where they are not those of the run's start. */
  warning: string | null;
}

/** Bytes that a device has free, and how many of them passes may take. */
export interface FreeMemory {
  available: number;
  budget: number;
}

/** What there is on a device for a model whose weights are computed with in float32 or float16. */
export async function freeMemory(
  device: Device,
  { tensors }: Pick<Snapshot, "tensors">,
  precision: Config["training"]["precision"],
): Promise<FreeMemory> {
  const available = await freeGpuMemory(device);
  if (available === null) return mainMemory();
  const elements = [...tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  const weights = elements * (precision === "float16" ? 2 : 4);
  return { available, budget: gpuMemoryBudget(available, weights) };
}

/** What there is of main memory. */
export function mainMemory(available = memory().available): FreeMemory {
  return { available, budget: memoryBudget(available) };
}

/**
 * Memory for the engine's passes. It decides their sizes, and so in which order sums are taken: a run that goes on keeps
 * what it began with (`before`), so that it ends with the same bytes, unless so much is no longer free.
 */
export function passMemory(
  setting: Config["training"]["memoryBudgetMiB"],
  before: number | null,
  { available, budget: bytes }: FreeMemory,
): PassMemory {
  if (setting !== "auto") return { bytes: setting * 2 ** 20, warning: null };
  if (before === null || before === bytes) return { bytes, warning: null };
  if (before <= available) return { bytes: before, warning: null };
  const gib = (value: number): string => `${(value / 2 ** 30).toFixed(1)} GiB`;
  return {
    bytes,
    warning:
      `the run began with ${gib(before)} for its passes, and ${gib(available)} are free now: it goes on with ${gib(bytes)}, ` +
      "so its last digits may differ from those of a run that was not interrupted",
  };
}

/** What the passes of a run's last start were made for; null where it never began. */
export function earlierPassMemory(events: readonly RunEvent[]): number | null {
  const started = events.findLast((event) => event.type === "started");
  return started?.type === "started" ? (started.passMemory ?? null) : null;
}
