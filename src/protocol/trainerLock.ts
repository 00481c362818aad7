import { realpathSync } from "node:fs";
import { readLock } from "../util/lockFile";
import { isRunning } from "../util/processStart";
import type { HoldingProcess } from "../util/thisProcess";
import { isStale, isThisHost, secondsSince } from "./heartbeat";
import type { RunPaths } from "./runFolder";
import type { Status } from "./status";

/** Who holds a run, as its lock says. */
export interface Holder extends HoldingProcess {
  /** The real path of the run's folder when the lock was taken; locks of before have none. */
  folder?: string;
  /** Whether it is held for a moment, to change the run's configuration, and not by a trainer. */
  isBrief?: boolean;
}

/**
 * The real path of a folder as the file system writes it: on Windows the editor says c: and a terminal C:, which the plain form keeps.
 * It serves where the system's own answer is refused, as it is on some disks in memory.
 */
export function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return realpathSync(folder);
  }
}

/**
 * Whether a trainer took its lock in this very folder. A copy of the folder has the lock as well, whose trainer is at work
 * elsewhere and must not be ended for it.
 */
export function isHeldHere(
  { folder }: Pick<RunPaths, "folder">,
  holder: Pick<Holder, "folder">,
): boolean {
  try {
    // A lock of before may be of another form.
    return holder.folder !== undefined && realFolder(holder.folder) === realFolder(folder);
  } catch {
    return false;
  }
}

/** Where the lock of a run was taken, if that is another folder, of which this one is a copy. */
export function heldElsewhere(paths: RunPaths): string | null {
  const holder = readLock<Holder>(paths.lock);
  return holder?.folder === undefined || isHeldHere(paths, holder) ? null : holder.folder;
}

/**
 * For how many seconds the trainer of a run, whose process is there on this machine, has given no sign of life: it hangs. Null where
 * it answers, is gone or is another machine's.
 */
export function secondsOfSilence(paths: RunPaths, status: Status): number | null {
  if (!isThisHost(status.host) || !isStale(status)) return null;
  const holder = readLock<Holder>(paths.lock);
  if (holder === null || holder.nonce !== status.nonce || !isHeldHere(paths, holder)) return null;
  return isRunning(holder) ? Math.floor(secondsSince(status)) : null;
}
