import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isStale, isThisHost, readStatus, staleSeconds } from "../protocol/status";
import type { RunPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";
import { processStart } from "../util/processStart";
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
  const { lock } = paths;
  const mine = `${lock}.${holder.nonce}`;
  try {
    writeFileSync(mine, JSON.stringify(holder));
    // A hard link is made atomically, with its content, and never over another file.
    while (!linked(mine, lock)) {
      const other = readHolder(lock);
      refuseWhereHeld(paths, other);
      removeStale(lock, other, holder.nonce);
    }
  } catch (error) {
    throw isWriteError(error) ? explainWriteError(error, lock) : error;
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (readHolder(lock)?.nonce === holder.nonce) rmSync(lock, { force: true });
  };
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
  if (isThisHost(other.host)) {
    const start = processStart(other.pid);
    return start !== null && (other.processStart === null || start === other.processStart);
  }
  const status = readStatus(paths);
  return status?.nonce === other.nonce ? !isStale(status) : isFresh(paths.lock);
}

function isFresh(file: string): boolean {
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && Date.now() - written < staleSeconds * 1000;
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // File systems without hard links: exFAT, some network shares. There the content comes a moment after the file.
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS" || code === "EINVAL")
      return createdExclusively(from, to);
    throw error;
  }
}

function createdExclusively(from: string, to: string): boolean {
  try {
    writeFileSync(to, readFileSync(from), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves the stale lock away; should another trainer have put its own there meanwhile, that one is put back. */
function removeStale(lock: string, stale: Holder | null, nonce: string): void {
  const aside = `${lock}.stale.${nonce}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readHolder(aside)?.nonce !== stale?.nonce) linked(aside, lock);
  rmSync(aside, { force: true });
}

function readHolder(lock: string): Holder | null {
  try {
    return JSON.parse(readFileSync(lock, "utf8")) as Holder;
  } catch {
    return null;
  }
}
