import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../util/errors";
import type { DataSet } from "./sets/dataSet";

/**
 * The folder of a data set, given itself or the folder that holds it. Names are compared without case, so CoOp's and
 * CLIP-LoRA's layouts are both found; symbolic links are followed.
 */
export function locateDataSet(set: DataSet, root: string): string {
  const folder = findDataSetFolder(set, root);
  if (folder !== null) return folder;
  const wanted = set.folders.map((name) => `"${name}"`).join(" or ");
  throw new UserError(
    `data.root: ${resolve(root)} neither is the folder of ${set.title} (${markers(set).join(", ")}) nor holds a folder ${wanted}`,
  );
}

/** As `locateDataSet`, but null where the data set is not there. A missing `root` is the user's mistake all the same. */
export function findDataSetFolder(set: DataSet, root: string): string | null {
  requireFolder(root);
  if (markers(set).some((name) => findName(root, name) !== null)) return resolve(root);
  for (const name of set.folders) {
    const found = findName(root, name);
    if (found !== null && isFolder(found)) return found;
  }
  return null;
}

/** The folder of a data set's images, given the data set's folder. */
export function locateImageRoot(set: Pick<DataSet, "title" | "imageRoot">, folder: string): string {
  if (set.imageRoot === "") return resolve(folder);
  const found = findName(folder, set.imageRoot);
  if (found !== null) return found;
  throw new UserError(
    `${join(resolve(folder), set.imageRoot)}: the folder of ${set.title}'s images does not exist; unpack the images there`,
  );
}

/** Throws unless `root` is a folder. */
export function requireFolder(root: string): void {
  if (!existsSync(root)) throw new UserError(`data.root: ${resolve(root)} does not exist`);
  if (!isFolder(root)) throw new UserError(`data.root: ${resolve(root)} is not a folder`);
}

/** Absolute path of the entry of `folder` with this name: the exact one, otherwise the first that differs in case only. */
export function findName(folder: string, name: string): string | null {
  const exact = join(resolve(folder), name);
  if (existsSync(exact)) return exact;
  const entries = readdirSync(folder).sort();
  const found = entries.find((entry) => entry.toLowerCase() === name.toLowerCase());
  return found === undefined ? null : join(resolve(folder), found);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** What a data set's own folder is recognised by. */
function markers(set: DataSet): string[] {
  return [set.splitFile, set.imageRoot].filter((name) => name !== "");
}
