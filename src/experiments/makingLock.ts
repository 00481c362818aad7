import { rmdirSync, statSync, utimesSync } from "node:fs";
import { dirname, resolve, toNamespacedPath } from "node:path";
import { isThisHost } from "../protocol/heartbeat";
import { messageOf, UserError } from "../util/errors";
import { takeLock } from "../util/lockFile";
import { makeFolderSync } from "../util/makeFolder";
import { isRunning } from "../util/processStart";
import { type HoldingProcess, thisProcess } from "../util/thisProcess";
import { explainWriteError, isWriteError } from "../util/writeAtomically";

/** On another machine the lock's time is the only sign of life; listing ImageNet on a slow disk takes a while. */
const staleMilliseconds = 120_000;

/**
 * Does `work`, which makes runs and hands them in, when nobody else does the same beside this folder of runs: two at once
 * would make every run twice. `onWait` is told the process that is waited for, and may throw to end the waiting.
 */
export async function whileMaking<T>(
  runs: string,
  work: () => Promise<T>,
  onWait: (pid: number | null) => void = () => undefined,
): Promise<T> {
  const lock = resolve(dirname(runs), "experiments", "lock");
  const { release, made } = await take(lock, onWait);
  let failed = false;
  const touching = setInterval(() => touch(lock), 5000);
  try {
    return await work();
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    clearInterval(touching);
    release();
    if (failed && made !== undefined) removeEmpty(dirname(lock), made);
  }
}

/** What was refused leaves no folder behind of those from `made` down to `folder`, but each that was there before it. */
function removeEmpty(folder: string, made: string): void {
  const last = toNamespacedPath(made);
  for (let each = folder; ; each = dirname(each)) {
    try {
      rmdirSync(each);
    } catch {
      // Something lies there.
      return;
    }
    if (toNamespacedPath(each) === last) return;
  }
}

function touch(lock: string): void {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Somebody removed it; the next touch may find it again.
  }
}

/** A lock that was taken, and the topmost folder that had to be made for it. */
interface Taken {
  release: () => void;
  made: string | undefined;
}

async function take(lock: string, onWait: (pid: number | null) => void): Promise<Taken> {
  const maker = thisProcess();
  const refuse = (other: HoldingProcess | null): void => {
    if (isAtWork(lock, other)) throw new AtWork(other);
  };
  let made: string | undefined;
  for (;;) {
    made = folderMade(dirname(lock)) ?? made;
    try {
      return { release: takeLock(lock, maker, refuse), made };
    } catch (error) {
      // Another one that failed has just taken the folder away.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      if (isWriteError(error)) throw explainWriteError(error, lock);
      if (!(error instanceof AtWork)) throw error;
      onWait(error.maker?.pid ?? null);
      await new Promise((settle) => setTimeout(settle, 100));
    }
  }
}

function folderMade(folder: string): string | undefined {
  try {
    return makeFolderSync(folder);
  } catch (error) {
    throw new UserError(
      `${folder}: no folder can be made there (${messageOf(error)}); set "output" in "config" to a folder that can be written`,
    );
  }
}

function isAtWork(lock: string, maker: HoldingProcess | null): boolean {
  if (maker !== null && isThisHost(maker.host)) return isRunning(maker);
  const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touched < staleMilliseconds;
}

class AtWork extends Error {
  constructor(readonly maker: HoldingProcess | null) {
    super("runs are being made");
  }
}
