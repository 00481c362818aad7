import { readFileSync } from "node:fs";
import { z } from "zod";
import { processStart } from "../util/processStart";
import type { RunPaths } from "./runFolder";

export const statusSchema = z.object({
  /** What the trainer last said of itself; "created" before it was started. */
  state: z.enum(["created", "starting", "running", "paused", "finished", "stopped", "failed"]),
  pid: z.number().int().nullable(),
  /** When that process began, as the system tells it: a process id is used again, the pair is not. */
  processStart: z.string().nullable(),
  /** Names this start of the trainer. */
  nonce: z.string().nullable(),
  /** ISO 8601; renewed every second while the trainer lives, whatever it computes. */
  heartbeat: z.string(),
  step: z.number().int(),
  steps: z.number().int(),
  device: z.string().nullable(),
  /** Why the run ended, or what it waits for; a sentence for the user. */
  reason: z.string().nullable(),
});

export type Status = z.output<typeof statusSchema>;
/** A run whose trainer died while the status says that it lives is "interrupted". */
export type RunState = Status["state"] | "interrupted";

const living = new Set<RunState>(["starting", "running", "paused"]);

/** A heartbeat older than this is no sign of life, even if a process of that id and start is there (it may hang). */
export const staleSeconds = 30;

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
  if (!living.has(status.state)) return status.state;
  return isAlive(status) ? status.state : "interrupted";
}

/** Whether the process that wrote a status still runs: same id, same start. */
export function isAlive({
  pid,
  processStart: start,
}: Pick<Status, "pid" | "processStart">): boolean {
  if (pid === null) return false;
  const found = processStart(pid);
  return found !== null && (start === null || found === start);
}

/** Whether the heartbeat is older than `staleSeconds`. */
export function isStale({ heartbeat }: Status, now = Date.now()): boolean {
  return now - Date.parse(heartbeat) > staleSeconds * 1000;
}
