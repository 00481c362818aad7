import { join, posix, resolve } from "node:path";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { firstFive, plural } from "../util/text";
import { findName } from "./locate";
import { leavesRoot } from "./samplePaths";
import type { DataSet } from "./sets/dataSet";
import type { Sample, SplitLists } from "./types";

/** The three lists of a split file; their order drives few-shot sampling and is kept. */
export const splitParts = ["train", "val", "test"] as const;
export type SplitPart = (typeof splitParts)[number];

/** What there is to say about a data set whose split is a `split_zhou_*.json`. */
interface ZhouSet extends Pick<
  DataSet,
  "name" | "title" | "template" | "published" | "nameRule" | "downloads"
> {
  aliases?: readonly string[];
  /** Names of the folder: CoOp's, then that of CLIP-LoRA's code. */
  folders: readonly [string, string];
  imageRoot: string;
  splitFile: string;
}

/** A data set whose split is a `split_zhou_*.json`, as CoOp publishes them. */
export function zhouDataSet({ folders, imageRoot, splitFile, ...set }: ZhouSet): DataSet {
  return {
    aliases: [],
    ...set,
    layouts: [
      { by: "CoOp", folder: folders[0], images: imageRoot },
      { by: "CLIP-LoRA", folder: folders[1], images: imageRoot },
    ],
    within: [],
    marks: [[splitFile]],
    listFile: splitFile,
    foundInFolders: false,
    valIsTest: false,
    readLists: (folder) => {
      const mend = downloadHint(splitFile);
      const file = findName(folder, splitFile) ?? join(resolve(folder), splitFile);
      return parseSplitZhou(readTextFile(file, "the split file", mend), file, mend);
    },
  };
}

/** What to do about a split file that is missing or damaged. */
function downloadHint(splitFile: string): string {
  return `download ${splitFile} by the link in DATASETS.md of github.com/KaiyangZhou/CoOp`;
}

/**
 * Reads the text of a `split_zhou_*.json`: `train`, `val` and `test`, each a list of [path, label, class name]. Labels
 * must be 0 to n-1 without holes, each with one name and at least one training image; no image may be in two lists.
 */
export function parseSplitZhou(text: string, file: string, mend?: string): SplitLists {
  const json = parseJsonText(text, file, mend);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UserError(`${file}: must be an object with the lists "train", "val" and "test"`);
  }
  const names = new Map<number, string>();
  const read = (part: SplitPart) =>
    readList((json as Record<string, unknown>)[part], part, names, file);
  const lists = { train: read("train"), val: read("val"), test: read("test") };
  requireDisjoint(lists, file);
  const sourceNames = requireLabels(lists, names, file);
  const classNames = sourceNames.map((name) => name.replaceAll("_", " "));
  return { classNames, sourceNames, ...lists };
}

/** One list; names found are added to `names`. */
function readList(
  list: unknown,
  part: SplitPart,
  names: Map<number, string>,
  file: string,
): Sample[] {
  if (!Array.isArray(list)) throw new UserError(`${file}: the list "${part}" is missing`);
  if (list.length === 0) throw new UserError(`${file}: the list "${part}" is empty`);
  return list.map((entry: unknown, index) => {
    const at = `${file}: ${part}[${index}]`;
    if (!isEntry(entry)) {
      throw new UserError(
        `${at} is ${JSON.stringify(entry).slice(0, 100)}; expected [path, label, class name] with a label of 0 or more`,
      );
    }
    const [path, label, name] = entry;
    if (leavesRoot(path)) {
      throw new UserError(
        `${at} has the path "${path}", which leaves the image root; paths must be relative and without ".."`,
      );
    }
    if (path.includes("\\")) {
      throw new UserError(
        `${at} has the path "${path}", whose folders a backslash parts; write "${path.replaceAll("\\", "/")}", and so in all of the file, or get the published one again`,
      );
    }
    const known = names.get(label);
    if (known !== undefined && known !== name) {
      throw new UserError(
        `${at} gives label ${label} the name "${name}", but it was "${known}" before`,
      );
    }
    names.set(label, name);
    return { path, label };
  });
}

function isEntry(entry: unknown): entry is [string, number, string] {
  if (!Array.isArray(entry) || entry.length !== 3) return false;
  const [path, label, name] = entry as unknown[];
  if (typeof path !== "string" || typeof name !== "string") return false;
  return path !== "" && name.trim() !== "" && Number.isSafeInteger(label) && Number(label) >= 0;
}

/** Throws where an image is in two lists, or in one with two classes. */
export function requireDisjoint(lists: Record<SplitPart, Sample[]>, file: string): void {
  const places = new Map<string, { part: SplitPart; label: number }>();
  const shared: string[] = [];
  let between = "";
  for (const part of splitParts) {
    for (const { path, label } of lists[part]) {
      const plain = posix.normalize(path);
      const before = places.get(plain);
      if (before === undefined) places.set(plain, { part, label });
      else if (before.part !== part) {
        between ||= `"${before.part}" and "${part}"`;
        shared.push(path);
      } else if (before.label !== label) {
        throw new UserError(
          `${file}: "${path}" is in "${part}" twice, with labels ${before.label} and ${label}`,
        );
      }
    }
  }
  if (shared.length === 0) return;
  throw new UserError(
    `${file}: ${plural(shared.length, "image")} in more than one list, first in ${between} (leakage between training and test): ${firstFive(shared)}`,
  );
}

/** Throws unless labels are 0 to n-1 and each is trained; returns the names in their order. */
function requireLabels(
  lists: Record<SplitPart, Sample[]>,
  names: Map<number, string>,
  file: string,
): string[] {
  const count = Math.max(...names.keys()) + 1;
  if (names.size !== count) {
    let hole = 0;
    while (names.has(hole)) hole++;
    const missing = count - names.size;
    const which =
      missing === 1 ? `${hole} has no image` : `${missing} of them have no image, first ${hole}`;
    throw new UserError(`${file}: labels must be 0 to ${count - 1} without holes, but ${which}`);
  }
  const trained = new Set(lists.train.map((sample) => sample.label));
  const result = Array.from({ length: count }, (_, label) => names.get(label)!);
  const untrained = result.findIndex((_, label) => !trained.has(label));
  if (untrained >= 0) {
    throw new UserError(
      `${file}: class "${result[untrained]!}" (label ${untrained}) has no image in "train"`,
    );
  }
  return result;
}
