import { join, resolve } from "node:path";
import { UserError } from "../util/errors";
import { isOtherPicture } from "../util/imageNames";
import { firstFive, plural } from "../util/text";
import { nameClasses } from "./classesFile";
import { holdOutTest } from "./holdOut";
import { listFolder, listTree } from "./listImages";
import { requireFolder } from "./locate";
import type { DataSplit, Sample, WithNotes } from "./types";

/** Names of the folders above the classes, compared without case. */
const partNames = {
  train: ["train", "training"],
  val: ["val", "valid", "validation"],
  test: ["test", "testing"],
};
type Part = keyof typeof partNames;

/** Class folders with their images (paths below the image root), in the order of the labels. */
type ClassFiles = Map<string, string[]>;

/** A folder of images as it was read. */
export interface FolderSplit extends WithNotes<DataSplit> {
  /** Whether the test images were held out by our rule, not by the user. */
  heldOutHere: boolean;
  /** Notes for who trains on it, and not for who only measures on its test images. */
  trainingNotes: string[];
}

/**
 * Reads any folder of images: one sub-folder per class, or `train`, `val` and `test` above them. Labels follow the
 * folder names sorted by code point; images of folders below a class's belong to the class. Who holds out images does
 * not get others held out; who holds out none gets a split that does not depend on the run's seed (see `holdOutTest`):
 *
 * | folders above the classes | training | validation | test   |
 * |---------------------------|----------|------------|--------|
 * | none, or only `train`     | 50%      | 20%        | 30%    |
 * | `train`, `test`           | `train`  | none       | `test` |
 * | `train`, `val`            | `train`  | none       | `val`  |
 * | `train`, `val`, `test`    | `train`  | `val`      | `test` |
 */
export function readImageFolder(root: string): FolderSplit {
  requireFolder(root);
  const imageRoot = resolve(root);
  const notes: string[] = [];
  const parts = findParts(imageRoot, notes);
  const { classes: train, unread } = listClasses(imageRoot, parts.train ?? "", notes);
  const folders = [...train.keys()];
  requireClasses(imageRoot, parts.train ?? "", folders, { files: train, unread });
  const held = (part: Part) => {
    const below = parts[part];
    return below === undefined ? null : listHeldOut(imageRoot, below, parts.train!, train, notes);
  };
  const trainingNotes: string[] = [];
  const said = { notes, trainingNotes };
  const lists = assignParts(train, held("val"), held("test"), imageRoot, said);
  const classNames = nameClasses(imageRoot, folders, notes);
  const labels = new Map(folders.map((folder, label) => [folder, label]));
  const samples = (files: ClassFiles): Sample[] =>
    [...files].flatMap(([folder, paths]) =>
      paths.map((path) => ({ path, label: labels.get(folder)! })),
    );
  const value: DataSplit = {
    imageRoot,
    classNames,
    sourceNames: classNames,
    train: samples(lists.train),
    val: samples(lists.val),
    test: samples(lists.test),
  };
  const heldOutHere = parts.val === undefined && parts.test === undefined;
  return { value, notes, trainingNotes, heldOutHere };
}

/** The folders above the classes, where there are any; a folder `train` that holds images itself is a class. */
function findParts(imageRoot: string, notes: string[]): Partial<Record<Part, string>> {
  const { folders } = listFolder(imageRoot);
  const find = (part: Part) =>
    folders.find((name) => {
      if (!partNames[part].includes(name.toLowerCase())) return false;
      const content = listFolder(join(imageRoot, name));
      return content.images.length === 0 && content.folders.length > 0;
    });
  const train = find("train");
  if (train === undefined) return {};
  const parts: Partial<Record<Part, string>> = { train };
  for (const part of ["val", "test"] as const) {
    const found = find(part);
    if (found !== undefined) parts[part] = found;
  }
  const beside = folders.filter((name) => !Object.values(parts).includes(name));
  if (beside.length > 0) {
    notes.push(
      `${imageRoot}: left out what lies beside the folder "${train}": ${firstFive(beside)}.`,
    );
  }
  return parts;
}

/** Every class folder in `imageRoot/below` that holds images, and the pictures in formats that are not decoded. */
function listClasses(
  imageRoot: string,
  below: string,
  notes: string[],
): { classes: ClassFiles; unread: string[] } {
  const top = listFolder(join(imageRoot, below));
  const where = join(imageRoot, below);
  const classes: ClassFiles = new Map();
  const empty: string[] = [];
  const special = [...top.special];
  const broken = [...top.broken];
  const others = top.others.filter((name) => name !== "classes.json");
  for (const name of top.folders) {
    const tree = listTree(join(where, name));
    const prefix = below === "" ? name : `${below}/${name}`;
    if (tree.images.length === 0) empty.push(name);
    else
      classes.set(
        name,
        tree.images.map((path) => `${prefix}/${path}`),
      );
    others.push(...tree.others.map((path) => `${name}/${path}`));
    special.push(...tree.special.map((path) => `${name}/${path}`));
    broken.push(...tree.broken.map((path) => `${name}/${path}`));
  }
  const tell = (names: string[], what: string, why: string) => {
    if (names.length === 0) return;
    notes.push(`${where}: left out ${plural(names.length, what)} ${why}: ${firstFive(names)}.`);
  };
  tell(empty, "folder", "without images");
  tell(top.images, "image", "beside the class folders instead of in one");
  const unread = others.filter(isOtherPicture);
  tell(unread, "picture", "of kinds that are read once they are converted to JPEG");
  const noPictures = others.filter((name) => !isOtherPicture(name));
  tell(noPictures, "file", "of other kinds than JPEG, PNG, WebP, GIF, TIFF and AVIF");
  const are =
    special.length === 1
      ? "is no regular file but a pipe, socket or device"
      : "are no regular files but pipes, sockets or devices";
  tell(special, "item", `that ${are}`);
  tell(broken, "link", `that ${broken.length === 1 ? "leads" : "lead"} nowhere`);
  return { classes, unread };
}

function requireClasses(
  imageRoot: string,
  below: string,
  folders: string[],
  { files, unread }: { files: ClassFiles; unread: string[] },
): void {
  if (folders.length > 1) return;
  const where = join(imageRoot, below);
  const only = folders[0];
  const lost = unread.filter((path) => only === undefined || !path.startsWith(`${only}/`));
  if (lost.length > 0) {
    const left =
      only === undefined
        ? "no class left: there are only"
        : `only one class, "${only}": of the others there are only`;
    throw new UserError(
      `${where}: ${left} kinds of pictures that cannot be read here (${firstFive(lost)}); convert them to JPEG`,
    );
  }
  if (only === undefined) {
    throw new UserError(
      `${where}: no class left: there is no folder with images in it; expected one folder of images for each class`,
    );
  }
  // An archive often unpacks to one folder that holds the class folders.
  const nested = new Set(files.get(only)!.map((path) => path.split("/").slice(0, -1).join("/")));
  const hint =
    nested.size > 1
      ? `if its sub-folders are the classes, give ${join(where, only)} as data.root`
      : "put the images of each other class into a folder beside it";
  throw new UserError(`${where}: only one class, "${only}"; at least two are needed; ${hint}`);
}

/** The images of the user's own `val` or `test` folder; its classes must be among those of `train`. */
function listHeldOut(
  imageRoot: string,
  below: string,
  trainFolder: string,
  train: ClassFiles,
  notes: string[],
): ClassFiles {
  const found = listClasses(imageRoot, below, notes).classes;
  const byName = new Map([...train.keys()].map((name) => [name.normalize("NFC"), name]));
  const surplus = [...found.keys()].filter((name) => !byName.has(name.normalize("NFC")));
  if (surplus.length > 0) {
    throw new UserError(
      `${join(imageRoot, below)}: ${plural(surplus.length, "class")} without training images in ${join(imageRoot, trainFolder)}: ${firstFive(surplus)}; rename or remove them there, or add training images`,
    );
  }
  // In the order of the labels, whatever the Unicode form of the names.
  const named = new Map(
    [...found].map(([name, paths]) => [byName.get(name.normalize("NFC"))!, paths]),
  );
  const lacking = [...train.keys()].filter((name) => !named.has(name));
  if (lacking.length > 0) {
    notes.push(
      `${join(imageRoot, below)}: no images of ${plural(lacking.length, "class")}: ${firstFive(lacking)}.`,
    );
  }
  return new Map(
    [...train.keys()].flatMap((name) => (named.has(name) ? [[name, named.get(name)!]] : [])),
  );
}

/** Who trains, who validates, who tests: the table at `readImageFolder`. */
function assignParts(
  train: ClassFiles,
  val: ClassFiles | null,
  test: ClassFiles | null,
  imageRoot: string,
  { notes, trainingNotes }: Pick<FolderSplit, "notes" | "trainingNotes">,
): Record<Part, ClassFiles> {
  if (test && val) return { train, val, test };
  if (test ?? val) {
    if (!test)
      notes.push(
        `${imageRoot} has no folder "test": the images of its validation folder are the test.`,
      );
    trainingNotes.push(
      test
        ? `${imageRoot} has no folder "val": there are no validation images.`
        : `${imageRoot}: there are no validation images.`,
    );
    return { train, val: new Map(), test: (test ?? val)! };
  }
  const single = [...train].filter(([, paths]) => paths.length < 2).map(([name]) => name);
  if (single.length > 0) {
    throw new UserError(
      `${imageRoot}: ${plural(single.length, "class")} with a single image: ${firstFive(single)}; at least two are needed, one to train on and one to test with`,
    );
  }
  notes.push(
    `${imageRoot} has no folder "test": of each class 30% of the images are kept for the test and 20% for validation, always the same ones.`,
  );
  const split = [...train].map(([name, paths]) => [name, holdOutTest(paths)] as const);
  const part = (key: Part) => new Map(split.map(([name, parts]) => [name, parts[key]]));
  return { train: part("train"), val: part("val"), test: part("test") };
}
