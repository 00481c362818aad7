import { readFileSync } from "node:fs";
import * as z from "zod";
import { isRunning } from "../util/processStart";
import { isStale, isThisHost } from "./heartbeat";
import { isLiving } from "./living";
import type { RunPaths } from "./runFolder";

export const statusSchema = z.object({
  /** What the trainer last said of itself; "created" before it was started. */
  state: z.enum(["created", "starting", "running", "paused", "finished", "stopped", "failed"]),
  pid: z.number().int().nullable(),
  /** When that process began, as the system tells it: a process id is used again, the pair is not. */
  processStart: z.string().nullable(),
  /** The machine of that process; null before the trainer was started. */
  host: z.string().nullable().default(null),
  /** Names this start of the trainer. */
  nonce: z.string().nullable(),
  /** ISO 8601; renewed every second while the trainer lives, whatever it computes. */
  heartbeat: z.string(),
  step: z.number().int(),
  steps: z.number().int(),
  device: z.string().nullable(),
  /** Why the run ended, or what it waits for; a sentence for the user. */
  reason: z.string().nullable(),
  /** Whether whoever stopped the run ended its trainer, which then could not save (`forcedEnd.ts`). */
  forced: z.boolean().optional(),
});

export type Status = z.output<typeof statusSchema>;
/** A run whose trainer died while the status says that it lives is "interrupted". */
export type RunState = Status["state"] | "interrupted";

/** The status of a run; null where it has none that can be read (it is replaced atomically, so it is never half there). */
export function readStatus(paths: RunPaths): Status | null {
  try {
    return statusSchema.parse(JSON.parse(readFileSync(paths.status, "utf8")));
  } catch {
    return null;
  }
}

/** The state of a run as it is now: what the status says, unless its process is gone. */
export function runState(status: Status): RunState {
  if (!isLiving(status.state)) return status.state;
  return isAlive(status) ? status.state : "interrupted";
}

/**
 * Whether the process that wrote a status still runs: on this machine by its id and start, on another by the heartbeat
 * (run folders may lie on a disk that several machines share).
 */
export function isAlive(
  status: Pick<Status, "pid" | "processStart" | "host" | "heartbeat">,
): boolean {
  const { pid, processStart: start, host } = status;
  if (pid === null) return false;
  if (!isThisHost(host)) return !isStale(status);
  return isRunning({ pid, processStart: start });
}
