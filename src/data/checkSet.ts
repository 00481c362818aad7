import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  type ClassCounts,
  type DataFinding,
  dataParts,
  type DataSetReport,
  type FoundImage,
  mostImages,
  type SplitCounts,
} from "../protocol/dataReport";
import { UserError } from "../util/errors";
import { firstFive, plural } from "../util/text";
import { classNameSurprises, unexpectedNames } from "./classNames";
import { describeDuplicates, type HashedImage } from "./duplicates";
import { readImageFolder } from "./imageFolder";
import { inspectImages } from "./inspectImages";
import { listTree } from "./listImages";
import { describeLayout, findBeside, locateImageRoot } from "./locate";
import { findMissing } from "./samplePaths";
import { type DataSet, type NameRule, nameRuleOf } from "./sets/dataSet";
import type { Sample, SplitLists } from "./types";

/** How the images of a data set are checked. */
export interface CheckImages {
  /** Whether they are opened, or only looked for. */
  open: boolean;
  signal?: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/** Checks a published data set in its folder. */
export async function checkPublished(
  set: DataSet,
  folder: string,
  images: CheckImages,
): Promise<DataSetReport> {
  const { name, title, published } = set;
  const report = emptyReport({ dataset: name, title, folder, published });
  await collectFailure(report, async () => {
    if (!existsSync(folder)) {
      throw new UserError(`${folder} does not exist; link ${title} anew, or mount its disk`);
    }
    report.layout = describeLayout(set, folder);
    const lists = set.readLists(folder);
    report.counts = countsOf(lists);
    report.classes = classCounts(lists);
    report.findings.push(compareCounts(report.counts, published));
    const rule = nameRuleOf(set, folder, (message) =>
      report.findings.push({ state: "note", text: `${message} (runs do not need it).` }),
    );
    checkNames(report, lists, rule);
    const imageRoot = locateImageRoot(set, folder);
    report.imageRoot = imageRoot;
    // Validation images that are the test images are looked at once.
    const parts = set.valIsTest ? { ...lists, val: [] } : lists;
    await checkImages(report, imageRoot, parts, set.foundInFolders, images);
  });
  if (report.findings.some(({ state }) => state === "failed")) {
    report.downloads = set.downloads;
    const other = findBeside(set, folder);
    if (other !== null)
      report.findings.push({
        state: "note",
        text: `${other} may be ${title} as well, and was not looked at; to take it, name it as data.root, or let it be remembered by "glad data link ${name} ${other}".`,
      });
  }
  return report;
}

/** Checks a folder of images that is no published data set. */
export async function checkFolder(root: string, images: CheckImages): Promise<DataSetReport> {
  const report = emptyReport({
    dataset: "folder",
    title: "Folder of images",
    folder: resolve(root),
    published: null,
  });
  await collectFailure(report, async () => {
    const { value, notes, trainingNotes } = readImageFolder(root);
    report.counts = countsOf(value);
    report.classes = classCounts(value);
    report.imageRoot = value.imageRoot;
    report.findings.push(
      ...[...notes, ...trainingNotes].map((text): DataFinding => ({ state: "note", text })),
    );
    checkNames(report, value, null);
    await checkImages(report, value.imageRoot, value, true, images);
  });
  if (report.counts === null) {
    const text = "No published data set was found here, so it was read as a folder of images.";
    report.findings.push({ state: "note", text });
  }
  return report;
}

type Named = Pick<DataSetReport, "dataset" | "title" | "folder" | "published">;

function emptyReport(named: Named): DataSetReport {
  const nothing = { classes: [], findings: [], downloads: [] };
  return { ...named, imageRoot: null, layout: null, counts: null, ...nothing };
}

/** A mistake in the user's files ends the check of this data set and is its last finding. */
async function collectFailure(report: DataSetReport, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report.findings.push({ state: "failed", text: error.message });
  }
}

function countsOf({ classNames, train, val, test }: SplitLists): SplitCounts {
  return {
    classes: classNames.length,
    train: train.length,
    val: val.length,
    test: test.length,
  };
}

function classCounts(lists: SplitLists): ClassCounts[] {
  const classes = lists.sourceNames.map((name) => ({ name, train: 0, val: 0, test: 0 }));
  for (const part of dataParts) for (const { label } of lists[part]) classes[label]![part]++;
  return classes;
}

function compareCounts(found: SplitCounts, published: SplitCounts): DataFinding {
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

/** Says where names differ from the publisher's rule, and where CLIP can make little of a name that no rule confirms. */
function checkNames(report: DataSetReport, lists: SplitLists, rule: NameRule | null): void {
  const add = (text: string) => report.findings.push({ state: "note", text });
  for (const text of classNameSurprises(lists.classNames, rule !== null)) add(`${text}.`);
  if (rule === null) return;
  const unexpected = unexpectedNames(lists, rule);
  if (unexpected.size === 0) return;
  const { sourceNames } = lists;
  const pairs = [...unexpected].map(
    ([label, name]) => `"${sourceNames[label]!}" instead of "${name}"`,
  );
  add(
    `${plural(unexpected.size, "class")} not named as published: ${firstFive(pairs)}. Results cannot be compared with published ones.`,
  );
}

/** Looks for the images of lists that could be read, and into them. */
async function checkImages(
  report: DataSetReport,
  imageRoot: string,
  lists: SplitLists,
  foundInFolders: boolean,
  { open, signal, onProgress }: CheckImages,
): Promise<void> {
  let opened = false;
  const add = (state: DataFinding["state"], text: string, rows: FoundImage[][] = []) =>
    report.findings.push({
      state,
      text,
      ...(rows.length > 0 && { images: rows.slice(0, mostImages) }),
      ...(opened && { opened }),
    });
  const images = collectImages(lists);
  const missing = foundInFolders ? [] : findMissing(imageRoot, images);
  if (missing.length === 0) add("ok", "Every image of the lists is there.");
  else add("failed", describeMissing(imageRoot, missing, images), missing.map(missingRow));
  if (!open) return;
  opened = true;
  const gone = new Set(missing);
  const there = gone.size === 0 ? images : images.filter(({ path }) => !gone.has(path));
  const paths = there.map(({ path }) => path);
  const facts = await inspectImages(imageRoot, paths, onProgress, signal);
  const bad = facts.flatMap(({ problem }, index) =>
    problem === null ? [] : [{ path: paths[index]!, problem }],
  );
  if (bad.length === 0) add("ok", `${plural(facts.length, "image")} can be decoded.`);
  else add("failed", describeUnreadable(bad, facts.length), bad.map(unreadableRow));
  facts.forEach(({ hash }, index) => (there[index]!.hash = hash));
  const duplicates = describeDuplicates(there);
  if (duplicates.length === 0) add("ok", "No image is there twice.");
  for (const { text, groups } of duplicates) {
    const rows = groups.map((group) => group.map(({ path, part }) => ({ path, note: part })));
    add("note", text, rows);
  }
}

/** Every image of the lists once, with its part. */
function collectImages(lists: SplitLists): HashedImage[] {
  const seen = new Set<string>();
  const images: HashedImage[] = [];
  for (const part of ["train", "val", "test"] as const) {
    for (const { path, label } of lists[part]) {
      if (seen.has(path)) continue;
      seen.add(path);
      images.push({ path, part, label, hash: null });
    }
  }
  return images;
}

/** Mirrors often hold the images under other names, so what lies there instead is told. */
function describeMissing(
  imageRoot: string,
  missing: readonly string[],
  images: readonly Sample[],
): string {
  const known = new Set(images.map(({ path }) => path));
  const others = listTree(imageRoot).images.filter((path) => !known.has(path));
  const instead =
    others.length === 0
      ? ""
      : `; ${plural(others.length, "image")} of other names there: ${firstFive(others)}`;
  return `${plural(missing.length, "image")} of ${images.length} missing below ${imageRoot}: ${firstFive(missing)}${instead}`;
}

interface Unreadable {
  path: string;
  /** A sentence that names the path. */
  problem: string;
}

function describeUnreadable(bad: readonly Unreadable[], all: number): string {
  const problems = bad.map(({ problem }) => problem);
  return `${plural(bad.length, "image")} of ${all} cannot be decoded; replace them, or set data.skipUnreadable: ${firstFive(problems)}`;
}

/** The path stands in front of the row, so that the reason need not repeat it. */
function unreadableRow({ path, problem }: Unreadable): FoundImage[] {
  return [{ path, note: problem.replace(path, "").trim() }];
}

function missingRow(path: string): FoundImage[] {
  return [{ path, note: null, gone: true }];
}
