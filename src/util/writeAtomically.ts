import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, UserError } from "./errors";
import { makeFolder } from "./makeFolder";

/**
 * Writes a file so that it is there complete or not at all: `write` fills a file beside it, which is flushed to the
 * disk and renamed. Makes the folder where it is missing. A full or read-only disk is a UserError; then nothing is left.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, "wx");
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // Where even this is refused, the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isWriteError(error) ? explainWriteError(error, path) : error;
  }
}

/** Writes a value as JSON that people can read, as `writeAtomically` does. */
export function writeJsonAtomically(path: string, value: unknown): Promise<void> {
  return writeAtomically(path, (file) => file.writeFile(JSON.stringify(value, null, 2) + "\n"));
}

/** A rename survives a power cut only once its folder is on the disk. Windows has no such call on folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const reasons: Partial<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and try again",
  EDQUOT: "your disk quota is used up; free some space and try again",
  EFBIG:
    "no file may become so large on that disk or in this session (ulimit -f); choose another disk or raise the limit",
  EROFS: "the disk is read-only; choose another folder",
  EACCES: "you may not write there; choose another folder or change its permissions",
  EPERM: "you may not write there; choose another folder or change its permissions",
  ENOTDIR: "a file stands where a folder of that name is needed; move it or choose another folder",
  EISDIR: "a folder of that name is in the way; move it or choose another name",
  EEXIST: "a file stands where a folder of that name is needed; move it or choose another folder",
};

/** Whether an error says that the disk did not take what was to be written. */
export function isWriteError(error: unknown): error is NodeJS.ErrnoException {
  return reasons[(error as NodeJS.ErrnoException).code ?? ""] !== undefined;
}

/** The UserError of a write that failed: which file, why, and how to mend it. */
export function explainWriteError(error: NodeJS.ErrnoException, path: string): UserError {
  return new UserError(
    `${path}: cannot be written (${messageOf(error)}): ${reasons[error.code ?? ""]!}`,
  );
}
