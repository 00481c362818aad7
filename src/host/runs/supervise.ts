import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { noteForcedEnd, saidAgainAfter, unheeded } from "../../protocol/forcedEnd";
import { isStale, isThisHost } from "../../protocol/heartbeat";
import { claimSignal, requestControl, type RunPaths } from "../../protocol/runFolder";
import { readStatus, type Status } from "../../protocol/status";
import { findProcessStart } from "../../util/processStart";

/** The rungs of the ladder, in seconds: how long the request is waited for, and then the signal. */
export const stopPatience = { request: 30, signal: 30 } as const;
/** A trainer looks between two steps: it is given the time of so many of them where that is longer. */
const stepsOfPatience = 3;
/** A checkpoint that grows is waited for; one that nobody has written to for so long (seconds) is a dead trainer's. */
const savingSeconds = 10;

/** What stopping a run needs of the world. */
export interface StopPort {
  status(): Status | null;
  /** Whether the very process that wrote a status is there. */
  isAlive(status: Status): Promise<boolean>;
  /** Whether a checkpoint is being written. */
  isSaving: () => boolean;
  request(): void;
  /** False where another window has sent SIGTERM to this start of the trainer: a second one would end it at once. */
  claimSignal(status: Status): boolean;
  signal(pid: number, name: "SIGTERM" | "SIGKILL"): void;
  /** Has the run's folder say that its trainer was ended, unless the trainer did so itself. */
  noteForced(status: Status): void;
  sleep(milliseconds: number): Promise<void>;
  /** Milliseconds. */
  now(): number;
  platform: NodeJS.Platform;
}

/** A rung of the ladder. */
export interface Rung {
  name: "request" | "signal" | "kill";
  /** What is done where it does not help; null where nothing is. */
  next: "signal" | "kill" | null;
  /** After how many seconds that is; a checkpoint that is being written is waited for besides. */
  seconds: number;
}

export type StopEnd = "stopped" | "signalled" | "killed" | "gone" | "elsewhere";

interface StopOptions {
  /** How long a step of the run takes; 0 where that is not known. */
  stepSeconds?: number;
  /** Hears of each rung that is climbed. */
  onRung?: (rung: Rung) => void;
}

/**
 * Stops the trainer of a run: asks by a request file, which the trainer heeds between steps; after 30 seconds (or three
 * steps) by SIGTERM, which Windows does not have; at last by ending the process, but never while it writes a checkpoint. A
 * signal is sent only to the process that the status names, on this machine. The folder of a run whose trainer was ended says so.
 */
export async function stopRun(
  port: StopPort,
  { stepSeconds = 0, onRung = () => undefined }: StopOptions = {},
): Promise<StopEnd> {
  const first = port.status();
  if (!first || !(await port.isAlive(first))) return "gone";
  const patience = (seconds: number): number => Math.max(seconds, stepsOfPatience * stepSeconds);
  const [asked, signalled] = [patience(stopPatience.request), patience(stopPatience.signal)];
  const hasSignal = port.platform !== "win32";
  const isHere = isThisHost(first.host);
  onRung({
    name: "request",
    next: isHere ? (hasSignal ? "signal" : "kill") : null,
    seconds: asked,
  });
  port.request();
  const ended = async (seconds: number): Promise<boolean> => {
    const until = port.now() + 1000 * seconds;
    while (port.now() < until || port.isSaving()) {
      if (await isGone(port, first)) return true;
      await port.sleep(200);
    }
    return isGone(port, first);
  };
  if (await ended(asked)) return "stopped";
  if (!isHere) return "elsewhere";
  if (hasSignal) {
    onRung({ name: "signal", next: "kill", seconds: signalled });
    if (port.claimSignal(first)) port.signal(first.pid!, "SIGTERM");
    if (await ended(signalled)) {
      // One that had only begun does not yet know how to heed it.
      port.noteForced(first);
      return "signalled";
    }
  }
  onRung({ name: "kill", next: null, seconds: 0 });
  port.signal(first.pid!, "SIGKILL");
  port.noteForced(first);
  await port.sleep(saidAgainAfter);
  for (let waited = 0; waited < 25 && !(await isGone(port, first)); waited++) await port.sleep(200);
  port.noteForced(first);
  return "killed";
}

/** The trainer that was asked is gone: its process ended, or another start of the run has taken its place. */
async function isGone(port: StopPort, first: Status): Promise<boolean> {
  const now = port.status();
  return now === null || now.nonce !== first.nonce || !(await port.isAlive(first));
}

/** The port for a run folder on this machine. */
export function stopPort(paths: RunPaths): StopPort {
  return {
    status: () => readStatus(paths),
    async isAlive(status) {
      if (!isThisHost(status.host)) return !isStale(readStatus(paths) ?? status);
      const start = status.pid === null ? null : await findProcessStart(status.pid);
      return start !== null && (status.processStart === null || start === status.processStart);
    },
    isSaving: () => isSaving(paths),
    request: () => requestControl(paths, "stop"),
    claimSignal: ({ nonce }) => claimSignal(paths, nonce ?? ""),
    signal(pid, name) {
      try {
        process.kill(pid, name);
      } catch (error) {
        // It ended in this moment.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    },
    noteForced: (status) => noteForcedEnd(paths, status, unheeded),
    sleep: (milliseconds) => new Promise((settle) => setTimeout(settle, milliseconds)),
    now: () => performance.now(),
    platform: process.platform,
  };
}

function isSaving({ checkpoints }: RunPaths): boolean {
  try {
    const parts = readdirSync(checkpoints).filter((name) => name.endsWith(".partial"));
    return parts.some((part) => {
      const files = readdirSync(join(checkpoints, part)).map((name) => join(part, name));
      const times = [part, ...files].map((name) => statSync(join(checkpoints, name)).mtimeMs);
      return Date.now() - Math.max(...times) < 1000 * savingSeconds;
    });
  } catch {
    // No checkpoints yet, or one was finished while we looked.
    return false;
  }
}
