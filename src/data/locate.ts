import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../util/errors";
import type { DataSet, Layout } from "./sets/dataSet";

/**
 * The folder of a data set, given itself or the folder that holds it. Names are compared without case, so CoOp's and
 * CLIP-LoRA's layouts are both found; symbolic links are followed. `setting` is what
 * errors call the root.
 */
export function locateDataSet(set: DataSet, root: string, setting = "data.root"): string {
  const folder = findDataSetFolder(set, root, setting);
  if (folder !== null) return folder;
  // The user says that it is this data set, so its images' folder is sign enough.
  if (set.layouts.some(({ images }) => images !== "" && findName(root, images) !== null)) {
    return resolve(root);
  }
  const marks = [set.listFile, ...imageFolders(set)].filter((name) => name !== "");
  throw new UserError(
    `${setting}: ${resolve(root)} neither is the folder of ${set.title} (${[...new Set(marks)].join(", ")}) nor holds a folder ${folderNames(set).join(" or ")}`,
  );
}

/** As `locateDataSet`, but null where the data set is not there. A missing `root` is the user's mistake all the same. */
export function findDataSetFolder(
  set: DataSet,
  root: string,
  setting = "data.root",
): string | null {
  requireFolder(root, setting);
  if (set.marks.some((group) => group.every((path) => findName(root, path) !== null))) {
    return resolve(root);
  }
  for (const { folder } of set.layouts) {
    const found = findName(root, folder);
    if (found !== null && isFolder(found)) return found;
  }
  const own = basename(resolve(root)).toLowerCase();
  return set.layouts.some(({ folder }) => folder.toLowerCase() === own) ? resolve(root) : null;
}

/** A link by one of the data set's names in `root` that leads nowhere, say to a disk that is not mounted; null where there is none. */
export function findBrokenLink(set: DataSet, root: string): string | null {
  const found = set.layouts.map(({ folder }) => findName(root, folder));
  return found.find((path) => path !== null && !existsSync(path)) ?? null;
}

/** Another folder beside a data set's that has one of its names, and is passed over for it; null where there is none. */
export function findBeside(set: DataSet, folder: string): string | null {
  const own = statSync(folder, { bigint: true, throwIfNoEntry: false });
  const found = set.layouts.map((layout) => findName(dirname(resolve(folder)), layout.folder));
  const isOther = (path: string): boolean => {
    const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
    return facts?.isDirectory() === true && (facts.ino !== own?.ino || facts.dev !== own.dev);
  };
  return found.find((path) => path !== null && isOther(path)) ?? null;
}

/** The folder of a data set's images, given the data set's folder. */
export function locateImageRoot(set: DataSet, folder: string): string {
  const found = findLayout(set, folder);
  if (found !== null) return found.imageRoot;
  const [first] = set.layouts;
  const missing = [...set.within.map((name) => join(first!.images, name)), first!.images][0]!;
  throw new UserError(
    `${join(resolve(folder), missing)}: the folder of ${set.title}'s images does not exist; unpack the images there`,
  );
}

/** "CoOp's layout" and the like, for a data set that was found in `folder`. */
export function describeLayout(set: DataSet, folder: string): string {
  const by = layoutsOf(set, folder).map((layout) => layout.by);
  if (by.length === 0) return "a folder of another name than CoOp's and CLIP-LoRA's";
  return by.length === 2 ? "the layout of CoOp and of CLIP-LoRA" : `${by[0]!}'s layout`;
}

/** The names that the data set's folder may have, quoted. */
function folderNames(set: DataSet): string[] {
  return [...new Set(set.layouts.map(({ folder }) => `"${folder}"`))];
}

/** Throws unless `root` is a folder. */
export function requireFolder(root: string, setting = "data.root"): void {
  if (!existsSync(root))
    throw new UserError(`${setting}: ${resolve(root)} does not exist; check the path`);
  if (!isFolder(root)) throw new UserError(`${setting}: ${resolve(root)} is not a folder`);
}

/**
 * Absolute path of what lies under this name (or path, with "/") in `folder`: the exact one, otherwise the first that
 * differs in case only.
 */
export function findName(folder: string, name: string): string | null {
  const exact = join(resolve(folder), name);
  if (existsSync(exact)) return exact;
  const [first, ...below] = name.split("/");
  if (!isFolder(folder)) return null;
  const entries = readdirSync(folder).sort();
  const found = entries.find((entry) => entry.toLowerCase() === first!.toLowerCase());
  if (found === undefined) return null;
  const path = join(resolve(folder), found);
  return below.length === 0 ? path : findName(path, below.join("/"));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function imageFolders(set: DataSet): string[] {
  return [...new Set(set.layouts.map(({ images }) => images))];
}

/** The first of the layouts whose images are there. */
function findLayout(set: DataSet, folder: string): { imageRoot: string; images: string } | null {
  for (const images of imageFolders(set)) {
    const imageRoot = images === "" ? resolve(folder) : findName(folder, images);
    if (imageRoot === null) continue;
    if (set.within.every((name) => findName(imageRoot, name) !== null))
      return { imageRoot, images };
  }
  return null;
}

/** The layouts that fit best: by where the images lie, then by the folder's exact name, then by its name without case. */
function layoutsOf(set: DataSet, folder: string): readonly Layout[] {
  const found = findLayout(set, folder);
  const layouts = set.layouts.filter(({ images }) => found === null || images === found.images);
  const own = basename(resolve(folder));
  const exact = layouts.filter((layout) => layout.folder === own);
  if (exact.length > 0) return exact;
  return layouts.filter((layout) => layout.folder.toLowerCase() === own.toLowerCase());
}
