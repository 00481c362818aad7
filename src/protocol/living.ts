import type { RunState } from "./status";

// A module of its own, since the extension's start does without the schema of a status.

/** The states of a run that a trainer is at work in. */
const living: ReadonlySet<string> = new Set<RunState>(["starting", "running", "paused"]);

/** Whether a trainer is at work in a run of this state; "waiting" is what executors say of one that has none yet. */
export function isLiving(state: RunState | "waiting"): boolean {
  return living.has(state);
}
