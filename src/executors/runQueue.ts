import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, statSync, utimesSync } from "node:fs";
import { isThisHost, staleSeconds } from "../protocol/heartbeat";
import { InternalError } from "../util/errors";
import { readLock, takeLock } from "../util/lockFile";
import { makeFolderSync } from "../util/makeFolder";
import { isRunning } from "../util/processStart";
import { programFile } from "../util/programs";
import { type HoldingProcess, thisProcess } from "../util/thisProcess";
import { thisMachine } from "./places";
import { advance, hasWork, type Queue } from "./queue";
import { forgetOld, type QueuePaths, queuePaths } from "./queueStore";

/** Time between two looks at the folder; the end of a trainer is noticed at once. */
const lookMilliseconds = 500;

/** Works on a queue until nothing is left to do; leaves at once where another process does. */
export async function runQueue(folder: string): Promise<void> {
  const paths = queuePaths(folder);
  makeFolderSync(paths.entries);
  const queue: Queue = { paths, machine: thisMachine(), ends: new Map(), wake: () => undefined };
  // Once more after the lock is gone: who handed in a run before that counted on this process.
  do {
    const release = takeQueue(paths);
    if (release === null) return;
    try {
      forgetOld(paths);
      while (advance(queue)) {
        await look(queue);
        // On another machine the lock's time is the only sign of life.
        utimesSync(paths.lock, new Date(), new Date());
      }
    } finally {
      release();
    }
  } while (hasWork(paths));
}

/**
 * Starts a process for a queue that has work and nobody who does it; it outlives this process. When this returns somebody
 * is at work, or has done it.
 */
export async function ensureQueue(paths: QueuePaths): Promise<void> {
  if (!hasWork(paths) || queueHolder(paths) !== null) return;
  const log = openSync(paths.log, "a");
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [programFile("queue.js"), paths.folder], {
      detached: true,
      stdio: ["ignore", log, log],
      windowsHide: true,
    });
  } finally {
    closeSync(log);
  }
  await once(child, "spawn");
  while (child.exitCode === null && child.signalCode === null && queueHolder(paths) === null)
    await new Promise((settle) => setTimeout(settle, 20));
  if (child.exitCode) throw new InternalError(`the queue's process failed; see ${paths.log}`);
  child.unref();
}

/** The process that works on a queue now; null where none does. */
export function queueHolder(paths: QueuePaths): HoldingProcess | null {
  const holder = readLock<HoldingProcess>(paths.lock);
  return holder !== null && isAtWork(paths, holder) ? holder : null;
}

function takeQueue(paths: QueuePaths): (() => void) | null {
  const holder = thisProcess();
  let taken = false;
  const refuse = (other: HoldingProcess | null): void => {
    taken = other !== null && isAtWork(paths, other);
    if (taken) throw new Error("the queue is worked on");
  };
  try {
    return takeLock(paths.lock, holder, refuse);
  } catch (error) {
    if (taken) return null;
    throw error;
  }
}

function isAtWork({ lock }: QueuePaths, holder: HoldingProcess): boolean {
  if (isThisHost(holder.host)) return isRunning(holder);
  const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touched < staleSeconds * 1000;
}

/** Waits until it is time to look again, or a trainer ended. */
function look(queue: Queue): Promise<void> {
  return new Promise((settle) => {
    const timer = setTimeout(settle, lookMilliseconds);
    queue.wake = () => {
      clearTimeout(timer);
      settle();
    };
  });
}
