import type { Config } from "../protocol/config";
import type { RunEvent } from "../protocol/events";
import { memory, memoryBudget } from "../runtime/memory";

export interface PassMemory {
  /** Bytes that the automatic sizes of the engine's passes are made for. */
  bytes: number;
  /** A sentence for the user where they are not those of the run's start. */
  warning: string | null;
}

/**
 * Memory for the engine's passes. It decides their sizes, and so in which order sums are taken: a run that goes on keeps
 * what it began with (`before`), so that it ends with the same bytes, unless so much is no longer free.
 */
export function passMemory(
  setting: Config["training"]["memoryBudgetMiB"],
  before: number | null = null,
  available = memory().available,
): PassMemory {
  if (setting !== "auto") return { bytes: setting * 2 ** 20, warning: null };
  const bytes = memoryBudget(available);
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
