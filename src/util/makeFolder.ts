import { mkdirSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "./errors";

/** So often a folder is tried whose parent is there: others may be removing empty folders at the same time. */
const tries = 5;

/**
 * Makes a folder and those above it that are missing, one by one, and fails with the system's own error. Node's recursive
 * mkdir says ENOENT of a read-only disk, and never ends below a folder like /proc, which is there and takes no folders.
 */
export async function makeFolder(folder: string): Promise<void> {
  for (let left = tries; ; left--) {
    try {
      await mkdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (await isFolder(folder)) return;
      if (code !== "ENOENT" || isRoot(folder) || left === 0) throw judged(error, folder);
      await makeFolder(dirname(folder));
    }
  }
}

/** As `makeFolder`; gives the topmost folder that had to be made, undefined where all were there. */
export function makeFolderSync(folder: string, mode?: number): string | undefined {
  let above: string | undefined;
  for (let left = tries; ; left--) {
    try {
      mkdirSync(folder, { mode });
      return above ?? folder;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (isFolderSync(folder)) return above;
      if (code !== "ENOENT" || isRoot(folder) || left === 0) throw judged(error, folder);
      above = makeFolderSync(dirname(folder), mode) ?? above;
    }
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isFolderSync(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Above the root of a disk is nothing: it is not there, as that of a drive letter without a drive. */
function isRoot(folder: string): boolean {
  return dirname(folder) === folder;
}

/** Of a file that is missing ENOENT says enough; of a folder that was to be made it says nothing. */
function judged(error: unknown, folder: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return error;
  return new UserError(`${folder}: no folder can be made there; choose another one`);
}
