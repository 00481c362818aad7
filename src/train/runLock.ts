import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../util/errors";
import { processStart } from "../util/processStart";
import type { RunPaths } from "../protocol/runFolder";

/** Who holds a run. */
export interface Holder {
  pid: number;
  processStart: string | null;
  nonce: string;
}

/**
 * Makes this process the only trainer of a run, or throws a UserError that names the one that is. A lock whose process
 * is gone (same id and start) is taken over. Gives a function that lets go.
 */
export function lockRun({ folder, lock }: RunPaths, holder: Holder): () => void {
  const mine = `${lock}.${holder.nonce}`;
  writeFileSync(mine, JSON.stringify(holder));
  try {
    // A hard link is made atomically and never over another file, on every file system that clusters share.
    while (!linked(mine, lock)) {
      const other = readHolder(lock);
      if (other !== null && processStart(other.pid) !== null && sameStart(other))
        throw new UserError(
          `${folder}: is being trained by process ${other.pid}; a run has one trainer at a time, so stop that one first (glad stop)`,
        );
      removeStale(lock, other, holder.nonce);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (readHolder(lock)?.nonce === holder.nonce) rmSync(lock, { force: true });
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
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

function sameStart({ pid, processStart: start }: Holder): boolean {
  return start === null || processStart(pid) === start;
}
