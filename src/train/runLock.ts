import { statSync } from "node:fs";
import { isStale, isThisHost, staleSeconds } from "../protocol/heartbeat";
import { readStatus } from "../protocol/status";
import type { RunPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";
import { takeLock } from "../util/lockFile";
import { isRunning } from "../util/processStart";
import { explainWriteError, isWriteError } from "../util/writeAtomically";

/** Who holds a run. */
export interface Holder {
  pid: number;
  processStart: string | null;
  /** The machine that the process runs on: run folders may lie on a disk that several share. */
  host: string;
  nonce: string;
}

/**
 * Makes this process the only trainer of a run, or throws a UserError that names the one that is. A lock whose process
 * is gone is taken over: on this machine one of the same id and start is looked for, another machine's is judged by the
 * run's heartbeat. Gives a function that lets go.
 */
export function lockRun(paths: RunPaths, holder: Holder): () => void {
  try {
    return takeLock(paths.lock, holder, (other: Holder | null) => refuseWhereHeld(paths, other));
  } catch (error) {
    throw isWriteError(error) ? explainWriteError(error, paths.lock) : error;
  }
}

function refuseWhereHeld(paths: RunPaths, other: Holder | null): void {
  if (!isHeld(paths, other)) return;
  const where = other === null || isThisHost(other.host) ? "" : ` on ${other.host}`;
  const who = other === null ? "another process" : `process ${other.pid}${where}`;
  throw new UserError(
    `${paths.folder}: is being trained by ${who}; a run has one trainer at a time, so stop that one first (glad stop)`,
  );
}

function isHeld(paths: RunPaths, other: Holder | null): boolean {
  if (other === null) return isFresh(paths.lock);
  if (isThisHost(other.host)) return isRunning(other);
  const status = readStatus(paths);
  return status?.nonce === other.nonce ? !isStale(status) : isFresh(paths.lock);
}

function isFresh(file: string): boolean {
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && Date.now() - written < staleSeconds * 1000;
}
