import type { Config } from "../protocol/config";
import type { RunEvent } from "../protocol/events";
import type { Snapshot } from "../models/types";
import type { Device } from "../runtime/device";
import { freeGpuMemory } from "../runtime/gpuMemory";
import { gpuMemoryForPasses, memory, memoryBudget } from "../runtime/memory";
import { memoryUsedUp } from "../util/nativeReason";

export interface PassMemory {
  /** Bytes that the automatic sizes of the engine's passes are made for. */
  bytes: number;
  /** A sentence for the user where they are not those of the run's start. */
  warning: string | null;
}

/** Bytes that passes could have on a device at most, and how many of them they may take. */
export interface FreeMemory {
  available: number;
  budget: number;
}

/** What the passes of a run's last start were made for, and whether they were too large for a GPU. */
export interface EarlierPasses {
  bytes: number;
  tooLarge: boolean;
}

/** What there is on a device for a model whose weights are computed with in float32 or float16. */
export async function freeMemory(
  device: Device,
  { tensors }: Pick<Snapshot, "tensors">,
  precision: Config["training"]["precision"],
): Promise<FreeMemory> {
  const free = await freeGpuMemory(device);
  if (free === null) return mainMemory();
  const elements = [...tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  const weights = elements * (precision === "float16" ? 2 : 4);
  return gpuMemoryForPasses(free, weights);
}

/** What there is of main memory. */
export function mainMemory(available = memory().available): FreeMemory {
  return { available, budget: memoryBudget(available) };
}

/**
 * Memory for the engine's passes. It decides their sizes, and so in which order sums are taken: a run that goes on keeps
 * what it began with (`before`), so that it ends with the same bytes, unless so much is no longer free or was too much.
 */
export function passMemory(
  setting: Config["training"]["memoryBudgetMiB"],
  before: EarlierPasses | null,
  { available, budget }: FreeMemory,
): PassMemory {
  const gib = (value: number): string => `${(value / 2 ** 30).toFixed(1)} GiB`;
  const digits = "so its last digits may differ from those of a run that was not interrupted";
  if (before?.tooLarge) {
    const bytes = Math.floor(before.bytes / 2);
    const warning = `the GPU's memory did not hold passes of ${gib(before.bytes)}: the run goes on with ${gib(bytes)}, ${digits}`;
    return { bytes, warning };
  }
  const bytes = setting === "auto" ? budget : setting * 2 ** 20;
  if (before === null || before.bytes === bytes) return { bytes, warning: null };
  // Below what the configuration names a run only comes after its passes were too large.
  if (setting !== "auto") return { bytes: Math.min(before.bytes, bytes), warning: null };
  if (before.bytes <= available) return { bytes: before.bytes, warning: null };
  return {
    bytes,
    warning:
      `the run began with ${gib(before.bytes)} for its passes, and there is room for ${gib(available)} now: ` +
      `it goes on with ${gib(bytes)}, ${digits}`,
  };
}

/** Of a run's last start; null where it never began. */
export function earlierPasses(events: readonly RunEvent[]): EarlierPasses | null {
  const started = events.findLast((event) => event.type === "started");
  if (started?.type !== "started" || started.passMemory === undefined) return null;
  const last = events.at(-1)!;
  const tooLarge = last.type === "failed" && last.message.includes(memoryUsedUp);
  return { bytes: started.passMemory, tooLarge };
}
