import { resolve } from "node:path";
import { messageOf, UserError } from "../util/errors";
import { firstFive, plural } from "../util/text";
import { classNameSurprises } from "./classNames";
import { describeDuplicates } from "./duplicates";
import { readImageFolder } from "./imageFolder";
import { inspectImages, type ImageFacts } from "./inspectImages";
import { findDataSetFolder, locateImageRoot, requireFolder } from "./locate";
import { findMissing } from "./samplePaths";
import type { DataSet } from "./sets/dataSet";
import { dataSets } from "./sets/index";
import type { Sample, SplitLists } from "./types";

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
  /** Null where the lists cannot be read. */
  counts: { classes: number; train: number; val: number; test: number } | null;
  findings: DataFinding[];
}

export type Progress = (done: number, total: number) => void;

/**
 * Checks every data set that `root` is or holds; a folder that is none of the published ones is checked as a folder of
 * images. Every image is read and decoded. Throws only where `root` is no folder.
 */
export async function checkData(
  root: string,
  onProgress: Progress = () => {},
): Promise<DataSetReport[]> {
  requireFolder(root);
  const reports: DataSetReport[] = [];
  for (const set of dataSets) {
    const folder = findDataSetFolder(set, root);
    if (folder !== null) reports.push(await checkPublished(set, folder, onProgress));
  }
  return reports.length > 0 ? reports : [await checkFolder(root, onProgress)];
}

async function checkPublished(
  set: DataSet,
  folder: string,
  onProgress: Progress,
): Promise<DataSetReport> {
  const report = emptyReport(set.name, set.title, folder);
  await collectFailure(report, async () => {
    const lists = set.readLists(folder);
    report.counts = countsOf(lists);
    report.findings.push(compareCounts(report.counts, set.published));
    const imageRoot = locateImageRoot(set, folder);
    await checkImages(report, imageRoot, lists, onProgress);
  });
  return report;
}

async function checkFolder(root: string, onProgress: Progress): Promise<DataSetReport> {
  const report = emptyReport("folder", "Folder of images", resolve(root));
  await collectFailure(report, async () => {
    const { value, notes } = readImageFolder(root);
    report.counts = countsOf(value);
    report.findings.push(...notes.map((text): DataFinding => ({ state: "note", text })));
    await checkImages(report, value.imageRoot, value, onProgress);
  });
  return report;
}

/** A mistake in the user's files ends the check of this data set and is its last finding. */
async function collectFailure(report: DataSetReport, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report.findings.push({ state: "failed", text: messageOf(error) });
  }
}

function emptyReport(dataset: string, title: string, folder: string): DataSetReport {
  return { dataset, title, folder, counts: null, findings: [] };
}

function countsOf({ classNames, train, val, test }: SplitLists) {
  return {
    classes: classNames.length,
    train: train.length,
    val: val.length,
    test: test.length,
  };
}

function compareCounts(found: DataSet["published"], published: DataSet["published"]): DataFinding {
  const keys = ["classes", "train", "val", "test"] as const;
  const other = keys.filter((key) => found[key] !== published[key]);
  if (other.length === 0)
    return { state: "ok", text: "Classes and images are as many as published." };
  const differences = other.map((key) => `${key} ${found[key]} instead of ${published[key]}`);
  return {
    state: "note",
    text: `Not the published split: ${differences.join(", ")}. Results cannot be compared with published ones.`,
  };
}

/** Names and images of lists that could be read. */
async function checkImages(
  report: DataSetReport,
  imageRoot: string,
  lists: SplitLists,
  onProgress: Progress,
): Promise<void> {
  const add = (state: DataFinding["state"], text: string) => report.findings.push({ state, text });
  for (const text of classNameSurprises(lists.classNames)) add("note", `${text}.`);
  const parts = new Map<string, { part: string; sample: Sample }>();
  for (const part of ["train", "val", "test"] as const) {
    for (const sample of lists[part]) parts.set(sample.path, { part, sample });
  }
  const missing = new Set(
    findMissing(
      imageRoot,
      [...parts.values()].map(({ sample }) => sample),
    ),
  );
  if (missing.size === 0) add("ok", "Every image of the lists is there.");
  else {
    add(
      "failed",
      `${plural(missing.size, "image")} of ${parts.size} missing below ${imageRoot}: ${firstFive([...missing])}`,
    );
  }
  const paths = [...parts.keys()].filter((path) => !missing.has(path));
  const facts = await inspectImages(imageRoot, paths, onProgress);
  report.findings.push(describeUnreadable(paths, facts));
  const duplicates = describeDuplicates(
    paths.map((path, index) => {
      const { part, sample } = parts.get(path)!;
      return { path, part, label: sample.label, hash: facts[index]!.hash };
    }),
  );
  if (duplicates.length === 0) add("ok", "No image is there twice.");
  for (const text of duplicates) add("note", text);
}

function describeUnreadable(paths: string[], facts: ImageFacts[]): DataFinding {
  const bad = facts.flatMap(({ problem }) => problem ?? []);
  if (bad.length === 0)
    return { state: "ok", text: `${plural(paths.length, "image")} can be decoded.` };
  return {
    state: "failed",
    text: `${plural(bad.length, "image")} of ${paths.length} cannot be decoded; replace them, or set data.skipUnreadable: ${firstFive(bad)}`,
  };
}
