import { existsSync, readdirSync, statSync } from "node:fs";
import { rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../util/errors";
import { partialName } from "../util/partialName";
import { processStart } from "../util/processStart";

/** Where an export is made until it is whole. */
export interface ExportPlace {
  partial: string;
  /** Gives it its own name. */
  putInPlace(): Promise<void>;
}

/**
 * Finds the place of an export that is to be the folder, which must be new or empty: beside it, or in it where it is there. Removes
 * what exports left there half-written that were ended from outside.
 */
export async function placeFor(folder: string): Promise<ExportPlace> {
  const beside = `${basename(folder)}.`;
  await removeAbandoned(dirname(folder), beside);
  await removeAbandoned(folder, "");
  // A folder that is there may be a disk of its own, or where somebody's shell is: it stays, and gets the files at the end.
  const partial = requireFree(folder)
    ? join(folder, partialName("", process.pid))
    : join(dirname(folder), partialName(beside, process.pid));
  return {
    partial,
    async putInPlace() {
      if (!requireFree(folder, partial)) return rename(partial, folder);
      for (const name of readdirSync(partial))
        await rename(join(partial, name), join(folder, name));
      await rmdir(partial);
    },
  };
}

/** Removes the half-written of processes that are gone, for an hour at least. */
async function removeAbandoned(parent: string, start: string): Promise<void> {
  if (!existsSync(parent) || !statSync(parent).isDirectory()) return;
  for (const name of readdirSync(parent)) {
    const pid = Number(/(\d+)\.partial$/.exec(name)?.[1]);
    if (name !== partialName(start, pid)) continue;
    const path = join(parent, name);
    // Another machine's process may have that number.
    const isOld = Date.now() - statSync(path).mtimeMs > 3_600_000;
    if (isOld && processStart(pid) === null) await rm(path, { recursive: true });
  }
}

/** Refuses a folder that holds something, but for what is made in it; says whether it is there. */
function requireFree(folder: string, made?: string): boolean {
  if (!existsSync(folder)) return false;
  const isFolder = statSync(folder).isDirectory();
  const holds = isFolder && readdirSync(folder).some((name) => join(folder, name) !== made);
  if (isFolder && !holds) return true;
  const is = isFolder ? "holds files already" : "is a file";
  throw new UserError(`${folder}: ${is}; name a folder that is new or empty`);
}
