import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type {
  AbsentDataSet,
  CheckProgress,
  DataReport,
  DataSetReport,
} from "../protocol/dataReport";
import type { Settings } from "../protocol/settings";
import { UserError } from "../util/errors";
import { type AddressBook, describeSource } from "./addresses";
import { checkFolder, checkPublished, type CheckImages } from "./checkSet";
import { findBrokenLink, findDataSetFolder, locateDataSet, requireFolder } from "./locate";
import type { DataSet } from "./sets/dataSet";
import { dataSets, findDataSet } from "./sets/index";
import { readSettings } from "./userSettings";

export interface CheckOptions {
  onProgress?: (progress: CheckProgress) => void;
  /** Told of each data set once it is checked. */
  onReport?: (report: DataSetReport) => void;
  /** Ends the check between two images, by throwing the signal's reason. */
  signal?: AbortSignal;
  /** Whether images are opened (default), or only looked for. */
  openImages?: boolean;
  /** The data set that the folder is, whatever it is called and holds; "folder" for one of images by class. */
  dataset?: string;
  /** Asks the addresses of what is missing whether they are still there, while images are checked. By default nobody is asked. */
  addresses?: AddressBook;
}

/**
 * Checks every data set that `root` is or holds, or that the user has linked where it is null. A folder that is none of
 * the published ones is checked as a folder of images. Throws only where there is no such folder, or nothing is linked.
 */
export async function checkData(
  root: string | null,
  { onProgress, onReport, signal, openImages = true, dataset, addresses }: CheckOptions = {},
): Promise<DataReport> {
  const found = root === null ? findLinked() : findIn(root, dataset);
  const absent = absentBeside(found, root);
  for (const { downloads } of absent) addresses?.ask(downloads);
  const renewed = async <T extends Pick<DataSetReport, "downloads">>(one: T): Promise<T> =>
    addresses ? { ...one, downloads: await addresses.renew(one.downloads) } : one;
  const sets: DataSetReport[] = [];
  const add = async (checked: DataSetReport): Promise<void> => {
    const report = checked.downloads.length > 0 ? await renewed(checked) : checked;
    // What was given up is no finding.
    signal?.throwIfAborted();
    if (!openImages && report.counts !== null)
      report.findings.push({ state: "note", text: "The images were not opened." });
    sets.push(report);
    onReport?.(report);
  };
  const images = (set: Pick<DataSet, "name" | "title">): CheckImages => ({
    open: openImages,
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ dataset: set.name, title: set.title, done, total }),
  });
  for (const { set, folder } of found) await add(await checkPublished(set, folder, images(set)));
  if (root !== null && found.length === 0) {
    await add(await checkFolder(root, images({ name: "folder", title: "Folder of images" })));
  }
  const report = {
    root: root === null ? null : resolve(root),
    sets,
    absent: await Promise.all(absent.map(renewed)),
    addresses: (await addresses?.outcome()) ?? { tried: null, problem: null },
  };
  signal?.throwIfAborted();
  return report;
}

/** The published data sets that a folder of several lacks. */
function absentBeside(found: readonly Found[], root: string | null): AbsentDataSet[] {
  const single = found.every(({ folder }) => root !== null && folder === resolve(root));
  if (found.length === 0 || single) return [];
  const there = new Set(found.map(({ set }) => set));
  return dataSets.filter((set) => !there.has(set)).map(describeSource);
}

export interface Found {
  set: DataSet;
  folder: string;
}

function findIn(root: string, dataset: string | undefined): Found[] {
  requireFolder(root, "root");
  if (dataset === "folder") return [];
  if (dataset === undefined) return findBelow(root);
  const set = findDataSet(dataset);
  return [{ set, folder: locateDataSet(set, root) }];
}

/** The published data sets that a folder is or holds. */
export function findBelow(root: string): Found[] {
  requireFolder(root);
  return dataSets.flatMap((set) => {
    // A link that leads nowhere is a finding: who made it means the data set to be there.
    const folder = findDataSetFolder(set, root) ?? findBrokenLink(set, root);
    return folder === null ? [] : [{ set, folder }];
  });
}

function findLinked(): Found[] {
  const { data } = readSettings();
  if (data.root === null && Object.keys(data.links).length === 0) {
    throw new UserError(
      'root: no data set is linked; name the folder to check, or let it be remembered by "glad data root PATH"',
    );
  }
  if (data.root !== null) requireFolder(data.root);
  return linkedSets(data);
}

/** The data sets that the user has linked, and those in the user's folder of data sets where that is there. */
export function linkedSets({ root, links }: Settings["data"]): Found[] {
  const below = root === null || !existsSync(root) ? [] : findBelow(root);
  return dataSets.flatMap((set) => {
    const link = links[set.name];
    if (link === undefined) return below.filter((found) => found.set === set);
    // A link into a disk that is not mounted is a finding, not the end of the check.
    const found = existsSync(link) ? findDataSetFolder(set, link) : null;
    return [{ set, folder: found ?? resolve(link) }];
  });
}
