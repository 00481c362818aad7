import type { Download } from "../../protocol/dataReport";
import { UserError } from "../../util/errors";
import { firstFive, plural } from "../../util/text";
import {
  listClassImages,
  listWordNetFolders,
  namesOf,
  readClassNames,
  type ClassNames,
} from "../imageNet";
import { listFolder } from "../listImages";
import { locateImageRoot } from "../locate";
import type { DataSet } from "./dataSet";

export const classNamesDownload: Download = {
  what: "classnames.txt; one in the folder imagenet serves the test sets beside it",
  url: "https://drive.google.com/file/d/1-61f_ol79pViBFDG_IDlUQSwoLcn2XXF/view",
  state: "unknown",
};

interface TestSet {
  name: string;
  title: string;
  folder: string;
  images: string;
  marks: DataSet["marks"];
  published: { classes: number; test: number };
  download: Download;
  /** Class folders in the order of the labels; the default is sorted WordNet numbers. */
  order?: (imageRoot: string, classNames: ClassNames) => { folders: string[]; wnids: string[] };
}

/** A data set that is tested on only, with ImageNet's class names. */
export function imageNetTest({ folder, images, order = byWordNet, ...set }: TestSet): DataSet {
  const dataSet: DataSet = {
    ...set,
    aliases: [],
    layouts: [{ by: "CoOp", folder, images }],
    within: [],
    listFile: "classnames.txt",
    foundInFolders: true,
    valIsTest: false,
    template: "a photo of a {}.",
    published: { ...set.published, train: 0, val: 0 },
    nameRule: () => null,
    downloads: [set.download, classNamesDownload],
    readLists: (root) => {
      const classNames = readClassNames(root);
      const imageRoot = locateImageRoot(dataSet, root);
      const { folders, wnids } = order(imageRoot, classNames);
      const test = listClassImages(imageRoot, "", folders);
      return { ...namesOf(wnids, classNames), train: [], val: [], test };
    },
  };
  return dataSet;
}

function byWordNet(imageRoot: string, classNames: ClassNames) {
  const folders = listWordNetFolders(imageRoot, classNames);
  return { folders, wnids: folders };
}

/** Folder k holds class k of `classnames.txt`: 10 comes after 9, not after 1. */
export function byNumber(imageRoot: string, { file, names }: ClassNames) {
  const wnids = [...names.keys()];
  const folders = wnids.map((_, label) => String(label));
  const found = new Set(listFolder(imageRoot).folders);
  const missing = folders.filter((name) => !found.has(name));
  const wanted = `expected "0" to "${wnids.length - 1}", one for each line of ${file}`;
  if (missing.length > 0) {
    throw new UserError(
      `${imageRoot}: ${plural(missing.length, "class folder")} missing: ${firstFive(missing)}; ${wanted}`,
    );
  }
  const known = new Set(folders);
  const others = [...found].filter((name) => !known.has(name));
  if (others.length > 0) {
    throw new UserError(
      `${imageRoot}: ${plural(others.length, "folder")} of another name: ${firstFive(others)}; ${wanted}`,
    );
  }
  return { folders, wnids };
}
