import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** What a lock file holds; the nonce tells one holder from all others. */
export interface LockHolder {
  nonce: string;
}

/**
 * Takes a lock: a file that exists while somebody holds it and says who. `refuse` is asked about the present holder (null
 * where the file cannot be read) and throws where that one still lives; otherwise the lock is taken over. Gives a function
 * that lets go.
 */
export function takeLock<Holder extends LockHolder>(
  lock: string,
  holder: Holder,
  refuse: (other: Holder | null) => void,
): () => void {
  const mine = `${lock}.${holder.nonce}`;
  try {
    writeFileSync(mine, JSON.stringify(holder));
    // A hard link is made atomically, with its content, and never over another file.
    while (!linked(mine, lock)) {
      const other = readLock<Holder>(lock);
      refuse(other);
      removeStale(lock, other, holder.nonce);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => releaseLock(lock, holder.nonce);
}

/** Removes a lock if it is that of `nonce`. */
export function releaseLock(lock: string, nonce: string): void {
  if (readLock(lock)?.nonce === nonce) rmSync(lock, { force: true });
}

/** Who holds a lock; null where nobody does, or the file cannot be read. */
export function readLock<Holder extends LockHolder>(lock: string): Holder | null {
  try {
    return JSON.parse(readFileSync(lock, "utf8")) as Holder;
  } catch {
    return null;
  }
}

/**
 * What became of a lock that `nonce` held: null while it still does, and where the file cannot be read just now; otherwise "gone", or
 * who holds it.
 */
export function lossOfLock<Holder extends LockHolder>(
  lock: string,
  nonce: string,
): "gone" | Holder | null {
  try {
    const holder = JSON.parse(readFileSync(lock, "utf8")) as Holder;
    return holder.nonce === nonce ? null : holder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "gone" : null;
  }
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

/** Moves the stale lock away; should another process have put its own there meanwhile, that one is put back. */
function removeStale(lock: string, stale: LockHolder | null, nonce: string): void {
  const aside = `${lock}.stale.${nonce}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readLock(aside)?.nonce !== stale?.nonce) linked(aside, lock);
  rmSync(aside, { force: true });
}
