import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DataOrigin, DataSetReport, ListEvent } from "../protocol/dataReport";
import { UserError } from "../util/errors";
import { looksLikeImageFolder } from "../util/imageNames";
import { type FolderListing, walkFolders } from "../util/walkFolders";
import { findBelow, linkedSets } from "./checkData";
import { checkFolder, checkPublished, type CheckImages } from "./checkSet";
import { listFolder } from "./listImages";
import { findName, locateDataSet } from "./locate";
import type { DataSet } from "./sets/dataSet";
import { dataSets, findDataSet } from "./sets/index";
import { readSettings, settingsFile } from "./userSettings";

/** Where data sets are looked for. */
export interface ListRequest {
  /** Folders of data sets, or that hold some; `dtd=PATH` and `folder=PATH` say which it is. */
  roots: readonly string[];
  /** Whether what the user has linked is listed. */
  linked: boolean;
  /** Folders below which data sets are looked for. */
  workspaces: readonly string[];
}

/** How far below a workspace's folder data sets are looked for. */
const limits = { depth: 4, folders: 2000 };
/** So many folders of a data set are to be watched at most. */
const mostWatched = 300;
/** Nothing is opened, so that a list of large data sets takes seconds. */
const unopened: CheckImages = { open: false, onProgress: () => undefined };

/**
 * Lists data sets with their classes, counts and what is wrong with their lists, without opening an image. Each is told once, under the
 * first place that has it. Resolves to the folders in which a change may change the list.
 */
export async function listData(
  { roots, linked, workspaces }: ListRequest,
  tell: (event: Extract<ListEvent, { type: "set" }>) => void,
): Promise<string[]> {
  const told = new Set<string>();
  const watch = new Set<string>();
  const add = async (origin: DataOrigin, root: string, found: Found): Promise<void> => {
    const key = `${found.set?.name ?? "folder"}\0${found.folder}`;
    if (told.has(key)) return;
    told.add(key);
    const { set, folder } = found;
    const report = await (set
      ? checkPublished(set, folder, unopened)
      : checkFolder(folder, unopened));
    for (const each of foldersToWatch(report)) watch.add(each);
    tell({ type: "set", origin, root, report });
  };
  for (const root of roots) {
    const { path, found } = findNamed(root);
    watch.add(path);
    for (const each of found) await add("named", path, each);
  }
  if (linked) watch.add(settingsFile());
  if (linked) for (const { root, found } of findRemembered()) await add("linked", root, found);
  for (const workspace of workspaces) {
    const { taken, passed } = await walkFolders(resolve(workspace), limits, isDataSet);
    for (const folder of passed.slice(0, mostWatched)) watch.add(folder);
    for (const folder of taken)
      for (const each of foundIn(folder)) await add("workspace", folder, each);
  }
  return [...watch];
}

interface Found {
  /** Null for a folder of images. */
  set: DataSet | null;
  folder: string;
}

/** What a named folder is or holds; a folder that is not there is listed as one of images, with what is wrong. */
function findNamed(text: string): { path: string; found: Found[] } {
  const [, name, rest] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
  const path = resolve(rest ?? text);
  if (!existsSync(path)) return { path, found: [{ set: known(name), folder: path }] };
  if (name === "folder") return { path, found: [{ set: null, folder: path }] };
  const found: Found[] = foundIn(path);
  const set = known(name);
  if (set === null || found.some((each) => each.set === set)) return { path, found };
  return { path, found: [{ set, folder: locate(set, path) }] };
}

function known(name: string | undefined): DataSet | null {
  return name === undefined || name === "folder" ? null : findDataSet(name);
}

/** Where it cannot be located its check says why. */
function locate(set: DataSet, path: string): string {
  try {
    return locateDataSet(set, path);
  } catch (error) {
    if (error instanceof UserError) return path;
    throw error;
  }
}

function foundIn(folder: string): Found[] {
  const below = findBelow(folder);
  return below.length > 0 ? below : [{ set: null, folder: resolve(folder) }];
}

/** What the user has linked; a folder of data sets that is not there is told as one that cannot be read. */
function findRemembered(): { root: string; found: Found }[] {
  const { data } = readSettings();
  const found = linkedSets(data).map((each) => ({
    root: data.links[each.set.name] === undefined ? data.root! : each.folder,
    found: each,
  }));
  if (data.root === null || existsSync(data.root)) return found;
  return [...found, { root: data.root, found: { set: null, folder: data.root } }];
}

/** Whether a folder of the workspace is a data set: a published one by its files, or one of images by class. */
async function isDataSet(listing: FolderListing): Promise<boolean> {
  const names = new Set([...listing.folders, ...listing.files].map((name) => name.toLowerCase()));
  const has = (path: string): boolean =>
    names.has(path.split("/")[0]!.toLowerCase()) && findName(listing.path, path) !== null;
  const marked = dataSets.some((set) => set.marks.some((group) => group.every(has)));
  return marked || (await looksLikeImageFolder(listing));
}

/** The folder itself and those of its parts and classes: a file that comes or goes changes its folder's time. */
function foldersToWatch({ folder, imageRoot }: DataSetReport): string[] {
  const found = [folder];
  if (imageRoot === null) return found;
  let level = imageRoot === folder ? [folder] : [imageRoot];
  if (imageRoot !== folder) found.push(imageRoot);
  for (let depth = 0; depth < 2 && found.length < mostWatched; depth++) {
    level = level.flatMap((each) => foldersIn(each)).slice(0, mostWatched - found.length);
    found.push(...level);
  }
  return found;
}

function foldersIn(folder: string): string[] {
  try {
    return listFolder(folder).folders.map((name) => join(folder, name));
  } catch {
    // A folder that went meanwhile, or that may not be read, is not watched.
    return [];
  }
}
