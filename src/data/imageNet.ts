import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../util/errors";
import { firstFive, plural, visible } from "../util/text";
import { listFolder } from "./listImages";
import { findName } from "./locate";
import { readLines } from "./textLines";
import type { Sample } from "./types";

/** What ImageNet and the four test sets made after it share. */

const mend =
  "download it by the link in DATASETS.md of github.com/KaiyangZhou/CoOp (imagenet/classnames.txt)";

/** CLIP's names of ImageNet's classes by their WordNet number, in the order of `classnames.txt`. */
export interface ClassNames {
  file: string;
  names: Map<string, string>;
}

/**
 * Reads `classnames.txt`, lines of `<WordNet number> <name>`, from the data set's folder or else from the folder
 * `imagenet` beside it, where CoOp has the file copied from. Two classes may have one name, as the two missiles have.
 */
export function readClassNames(folder: string): ClassNames {
  const names = new Map<string, string>();
  const file = findClassNames(folder);
  for (const { number, text } of readLines(file, "the list of class names", mend)) {
    const [, wnid, name] = /^(n\d{8}) +(.+)$/.exec(text) ?? [];
    const at = `${file}, line ${number}`;
    if (wnid === undefined || name === undefined) {
      throw new UserError(
        `${at}: is "${visible(text.slice(0, 100))}"; expected a WordNet number and a name, e.g. "n01440764 tench"; ${mend}`,
      );
    }
    if (names.has(wnid)) throw new UserError(`${at}: names ${wnid} a second time; ${mend}`);
    names.set(wnid, name);
  }
  return { file, names };
}

function findClassNames(folder: string): string {
  const own = findName(folder, "classnames.txt");
  if (own !== null) return own;
  const above = dirname(resolve(folder));
  const beside = existsSync(above) ? findName(above, "imagenet/classnames.txt") : null;
  return beside ?? join(resolve(folder), "classnames.txt");
}

/** Class folders named by WordNet numbers, sorted: label i is the i-th. Files beside them (README.txt) are passed over. */
export function listWordNetFolders(imageRoot: string, { file, names }: ClassNames): string[] {
  const { folders, images } = listFolder(imageRoot);
  if (folders.length === 0) {
    const found = images.length > 0 ? `${plural(images.length, "image")} instead` : "nothing";
    throw new UserError(
      `${imageRoot}: holds no class folders (n01440764 and so on) but ${found}; sort the images into them as the data set's page says`,
    );
  }
  const unknown = folders.filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new UserError(
      `${imageRoot}: ${plural(unknown.length, "folder")} that ${file} does not name: ${firstFive(unknown)}; remove them, or mend that file`,
    );
  }
  return folders;
}

/**
 * The images of class folders, sorted by name within each; label i is that of `folders[i]`. Paths begin with `prefix`
 * ("" or "train/" and the like). A folder without images is a mistake.
 */
export function listClassImages(
  imageRoot: string,
  prefix: string,
  folders: readonly string[],
): Sample[] {
  const samples: Sample[] = [];
  const empty: string[] = [];
  folders.forEach((folder, label) => {
    const below = `${prefix}${folder}/`;
    const { images } = listFolder(join(imageRoot, below));
    if (images.length === 0) empty.push(folder);
    for (const name of images) samples.push({ path: below + name, label });
  });
  if (empty.length > 0) {
    throw new UserError(
      `${resolve(imageRoot, prefix)}: ${plural(empty.length, "class folder")} without images: ${firstFive(empty)}; unpack them again`,
    );
  }
  return samples;
}

/** Names for the prompt and as the file spells them, of classes by their WordNet numbers. */
export function namesOf(wnids: readonly string[], { names }: ClassNames) {
  const sourceNames = wnids.map((wnid) => names.get(wnid)!);
  return { sourceNames, classNames: sourceNames.map((name) => name.replaceAll("_", " ")) };
}
