import { statSync } from "node:fs";
import { isStale, isThisHost, staleSeconds } from "../protocol/heartbeat";
import { readStatus } from "../protocol/status";
import { isDeleted, type RunPaths } from "../protocol/runFolder";
import { type Holder, realFolder } from "../protocol/trainerLock";
import { UserError } from "../util/errors";
import { lossOfLock, takeLock } from "../util/lockFile";
import { isRunning } from "../util/processStart";
import { explainWriteError, isWriteError } from "../util/writeAtomically";

export type { Holder };

/**
 * Makes this process the only trainer of a run, or throws a UserError that names the one that is. A lock whose process
 * is gone is taken over: on this machine one of the same id and start is looked for, another machine's is judged by the
 * run's heartbeat. Gives a function that lets go.
 */
export function lockRun(paths: RunPaths, holder: Holder): () => void {
  try {
    const here: Holder = { ...holder, folder: realFolder(paths.folder) };
    return takeLock(paths.lock, here, (other: Holder | null) => refuseWhereHeld(paths, other));
  } catch (error) {
    throw isWriteError(error) ? explainWriteError(error, paths.lock) : error;
  }
}

/** A run is no longer that of the trainer which works on it. Nothing more may be written to its folder. */
export class RunLost extends Error {
  override name = "RunLost";
}

/**
 * Throws RunLost where a run is no longer the holder's: its folder was deleted or moved away, or another trainer took it over,
 * which it may where this one was silent for so long that it seemed dead. What cannot be read now is taken to be as it was.
 */
export function checkHold(paths: RunPaths, { nonce }: Holder): void {
  const loss = lossOfLock<Holder>(paths.lock, nonce);
  if (loss === null) return;
  if (loss !== "gone")
    throw new RunLost(
      `${paths.folder}: process ${loss.pid} on ${loss.host} has taken this run over, since its trainer was silent for more than ` +
        `${staleSeconds} seconds; the one that was silent has ended`,
    );
  throw new RunLost(
    isDeleted(paths)
      ? deletedWhileTrained(paths)
      : `${paths.lock}: was removed while the run was trained; its trainer has ended, and \`glad resume\` goes on`,
  );
}

/** What is said where a run's folder went away under its trainer. */
export function deletedWhileTrained({ folder }: Pick<RunPaths, "folder">): string {
  return `${folder}: was deleted or moved away while it was trained; its trainer has ended`;
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
