import { dataParts, type ClassImages } from "../protocol/dataReport";
import { byCodePoint } from "../util/codePoints";
import { UserError } from "../util/errors";
import { dataRoot } from "./dataRoot";
import { readImageFolder } from "./imageFolder";
import { locateDataSet, locateImageRoot } from "./locate";
import { findDataSet } from "./sets/index";
import type { DataSplit } from "./types";

/** The images of a class, by its label, by part and path; whether they are there is not looked at. */
export function classImages(
  named: { root: string | null; dataset: string },
  label: number,
): ClassImages {
  const { title, split } = readLists(named);
  const name = split.sourceNames[label];
  if (name === undefined) {
    throw new UserError(
      `--label: ${label} is no class of ${title}, whose labels are 0 to ${split.sourceNames.length - 1}`,
    );
  }
  const images = dataParts.flatMap((part) =>
    split[part]
      .filter((sample) => sample.label === label)
      .map(({ path }) => ({ path, part }))
      .sort((a, b) => byCodePoint(a.path, b.path)),
  );
  return { title, name, imageRoot: split.imageRoot, images };
}

function readLists(named: { root: string | null; dataset: string }): {
  title: string;
  split: DataSplit;
} {
  const root = dataRoot(named);
  if (named.dataset === "folder") return { title: root, split: readImageFolder(root).value };
  const set = findDataSet(named.dataset);
  const folder = locateDataSet(set, root);
  const lists = set.readLists(folder);
  // Validation images that are the test images are shown once.
  const val = set.valIsTest ? [] : lists.val;
  const split = { ...lists, val, imageRoot: locateImageRoot(set, folder) };
  return { title: set.title, split };
}
