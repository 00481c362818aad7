import { type Best, bestOf } from "../protocol/best";
import type { RunEvent, SplitResult } from "../protocol/events";
import { harmonicMean } from "../protocol/harmonicMean";

/** What a finished run says of itself; result.json. */
export interface RunResult {
  /** Steps made, and why no more. */
  step: number;
  reason: "completed" | "plateau" | "stopped";
  device: string;
  /** CLIP without adapters; empty where it was not measured. */
  zeroShot: SplitResult[];
  /** The adapted model at its last step. */
  adapted: SplitResult[];
  /** Of base and novel accuracy, in percent; null where the protocol has no such splits. */
  harmonicMean: { zeroShot: number | null; adapted: number | null };
  /** The best on the validation split; null where there is none. */
  best: { step: number; accuracy: number } | null;
  /** The best of what was measured: H, or the accuracy on all classes. */
  bestMeasured: Best | null;
  skippedSteps: number;
  seconds: { training: number; total: number };
  splitHash: string;
  modelHash: string;
}

export { harmonicMean };

/** The last evaluation of each split that the events tell of, in their order. */
export function evaluationsOf(
  events: readonly RunEvent[],
  at: { zeroShot: boolean; step?: number },
): SplitResult[] {
  const found = new Map<string, SplitResult>();
  for (const event of events) {
    if (event.type !== "evaluated" || event.zeroShot !== at.zeroShot) continue;
    if (at.step !== undefined && event.step !== at.step) continue;
    const { split, correct, total, accuracy, perClass, confusion } = event;
    found.set(split, {
      split,
      correct,
      total,
      accuracy,
      ...(perClass ? { perClass } : {}),
      ...(confusion ? { confusion } : {}),
    });
  }
  return [...found.values()];
}

/** The result of a run from its events (those that hold, see effectiveEvents). */
export function resultOf(
  events: readonly RunEvent[],
  end: Pick<RunResult, "step" | "reason" | "device" | "best" | "splitHash" | "modelHash">,
): RunResult {
  const zeroShot = evaluationsOf(events, { zeroShot: true });
  const adapted = evaluationsOf(events, { zeroShot: false, step: end.step });
  const steps = events.filter((event) => event.type === "step");
  return {
    ...end,
    zeroShot,
    adapted,
    bestMeasured: bestOf(events.filter((event) => event.type === "evaluated")),
    harmonicMean: { zeroShot: harmonicMean(zeroShot), adapted: harmonicMean(adapted) },
    skippedSteps: events.filter((event) => event.type === "skipped").length,
    seconds: {
      training: steps.reduce((sum, { seconds }) => sum + seconds, 0),
      total: elapsed(events),
    },
  };
}

/** Seconds between the first and last event of each start, added up. */
function elapsed(events: readonly RunEvent[]): number {
  let total = 0;
  events.forEach((event, i) => {
    const next = events[i + 1];
    if (next && next.type !== "started") total += Date.parse(next.time) - Date.parse(event.time);
  });
  return total / 1000;
}
