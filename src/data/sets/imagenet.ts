import { join } from "node:path";
import { UserError } from "../../util/errors";
import { firstFive } from "../../util/text";
import { listClassImages, listWordNetFolders, namesOf, readClassNames } from "../imageNet";
import { locateImageRoot } from "../locate";
import type { SplitLists } from "../types";
import { classNamesDownload } from "./imagenetTests";
import type { DataSet } from "./dataSet";

/**
 * ImageNet (ILSVRC 2012) with CLIP's class names. Its validation images are the test, and CoOp calls them validation as
 * well. Files are sorted by name, so that the few shots do not depend on the file system (in CoOp's code they do).
 */
export const imagenet: DataSet = {
  name: "imagenet",
  title: "ImageNet",
  aliases: ["imagenet1k", "ilsvrc2012"],
  layouts: [
    { by: "CoOp", folder: "imagenet", images: "images" },
    { by: "CLIP-LoRA", folder: "imagenet", images: "" },
  ],
  within: ["train", "val"],
  marks: [
    ["classnames.txt", "images/train"],
    ["classnames.txt", "train", "val"],
    ["train/n01440764", "val/n01440764"],
  ],
  listFile: "classnames.txt",
  foundInFolders: true,
  valIsTest: true,
  template: "a photo of a {}.",
  published: { classes: 1000, train: 1281167, val: 50000, test: 50000 },
  nameRule: () => null,
  downloads: [
    {
      what: "images of ILSVRC 2012 (after registration), train and val by class folders",
      url: "https://image-net.org/download.php",
      state: "unknown",
    },
    classNamesDownload,
  ],
  readLists,
};

function readLists(folder: string): SplitLists {
  const classNames = readClassNames(folder);
  const imageRoot = locateImageRoot(imagenet, folder);
  const folders = listWordNetFolders(join(imageRoot, "train"), classNames);
  const tested = listWordNetFolders(join(imageRoot, "val"), classNames);
  const known = new Set(folders);
  const all = new Set(tested);
  const single = [
    ...folders.filter((name) => !all.has(name)),
    ...tested.filter((name) => !known.has(name)),
  ];
  if (single.length > 0) {
    throw new UserError(
      `${imageRoot}: "train" and "val" must have the same class folders, but these are in one of them only: ${firstFive(single)}`,
    );
  }
  const test = listClassImages(imageRoot, "val/", folders);
  const train = listClassImages(imageRoot, "train/", folders);
  return { ...namesOf(folders, classNames), train, val: test, test };
}
