import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../util/errors";
import { checkFolder, checkPublished, type CheckImages } from "./checkSet";
import { findDataSetFolder, requireFolder } from "./locate";
import type { DataSet, Download, SplitCounts } from "./sets/dataSet";
import { dataSets } from "./sets/index";
import { readSettings } from "./userSettings";

/** One thing that was looked at. A "failed" one stops a run, a "note" is good to know. */
export interface DataFinding {
  state: "ok" | "note" | "failed";
  text: string;
}

/** What `glad data check` found of one data set. */
export interface DataSetReport {
  /** What `data.dataset` would say. */
  dataset: string;
  title: string;
  folder: string;
  /** "CoOp's layout" and the like; null for a folder of images. */
  layout: string | null;
  /** Null where the lists cannot be read. */
  counts: SplitCounts | null;
  /** What the published split holds; null for a folder of images. */
  published: SplitCounts | null;
  findings: DataFinding[];
  /** Where to get what is missing or damaged. */
  downloads: readonly Download[];
}

/** A data set that is not there, and where to get it. */
export interface AbsentDataSet {
  dataset: string;
  title: string;
  /** Names that its folder may have. */
  folders: string[];
  downloads: readonly Download[];
}

/** What `glad data check` found. */
export interface DataReport {
  /** The folder that was asked about; null for what the user has linked. */
  root: string | null;
  sets: DataSetReport[];
  /** Data sets that are not below `root`; empty where it is a single data set. */
  absent: AbsentDataSet[];
}

/** How far the check of one data set is. */
export interface CheckProgress {
  dataset: string;
  title: string;
  done: number;
  total: number;
}

export interface CheckOptions {
  onProgress?: (progress: CheckProgress) => void;
  /** Told of each data set once it is checked. */
  onReport?: (report: DataSetReport) => void;
  /** Ends the check between two images, by throwing the signal's reason. */
  signal?: AbortSignal;
  /** Whether images are opened (default), or only looked for. */
  openImages?: boolean;
}

/**
 * Checks every data set that `root` is or holds, or that the user has linked where it is null. A folder that is none of
 * the published ones is checked as a folder of images. Throws only where there is no such folder, or nothing is linked.
 */
export async function checkData(
  root: string | null,
  { onProgress, onReport, signal, openImages = true }: CheckOptions = {},
): Promise<DataReport> {
  const found = root === null ? findLinked() : findBelow(root);
  const sets: DataSetReport[] = [];
  const add = (report: DataSetReport) => {
    sets.push(report);
    onReport?.(report);
  };
  const images = (set: Pick<DataSet, "name" | "title">): CheckImages => ({
    open: openImages,
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ dataset: set.name, title: set.title, done, total }),
  });
  for (const { set, folder } of found) add(await checkPublished(set, folder, images(set)));
  if (root !== null && found.length === 0) {
    add(await checkFolder(root, images({ name: "folder", title: "Folder of images" })));
  }
  const single = found.every(({ folder }) => root !== null && folder === resolve(root));
  const there = new Set(found.map(({ set }) => set));
  const absent = found.length === 0 || single ? [] : dataSets.filter((set) => !there.has(set));
  return { root: root === null ? null : resolve(root), sets, absent: absent.map(describeAbsent) };
}

interface Found {
  set: DataSet;
  folder: string;
}

function findBelow(root: string): Found[] {
  requireFolder(root);
  return dataSets.flatMap((set) => {
    const folder = findDataSetFolder(set, root);
    return folder === null ? [] : [{ set, folder }];
  });
}

function findLinked(): Found[] {
  const { root, links } = readSettings().data;
  if (root === null && Object.keys(links).length === 0) {
    throw new UserError(
      'root: no data set is linked; name the folder to check, or let it be remembered by "glad data root PATH"',
    );
  }
  const below = root === null ? [] : findBelow(root);
  return dataSets.flatMap((set) => {
    const link = links[set.name];
    if (link === undefined) return below.filter((found) => found.set === set);
    // A link into a disk that is not mounted is a finding, not the end of the check.
    const found = existsSync(link) ? findDataSetFolder(set, link) : null;
    return [{ set, folder: found ?? resolve(link) }];
  });
}

function describeAbsent({ name, title, layouts, downloads }: DataSet): AbsentDataSet {
  const folders = [...new Set(layouts.map(({ folder }) => folder))];
  return { dataset: name, title, folders, downloads };
}
