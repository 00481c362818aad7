import { join, resolve } from "node:path";
import { UserError } from "../../util/errors";
import { firstFive, plural, visible } from "../../util/text";
import { findName } from "../locate";
import { requireDisjoint, type SplitPart } from "../splitZhou";
import { readLines } from "../textLines";
import type { Sample, SplitLists } from "../types";
import type { DataSet } from "./dataSet";

/**
 * FGVC-Aircraft (Maji and others 2013), classified by variant. There is no split file of CoOp's: `variants.txt` names
 * class i in line i, and the lines of `images_variant_*.txt` are `<number of the image> <variant>`.
 */
export const fgvcAircraft: DataSet = {
  name: "fgvcaircraft",
  title: "FGVC-Aircraft",
  aliases: ["fgvc", "aircraft"],
  layouts: [
    { by: "CoOp", folder: "fgvc_aircraft", images: "images" },
    { by: "CLIP-LoRA", folder: "fgvc_aircraft", images: "images" },
  ],
  within: [],
  marks: [["images_variant_train.txt"]],
  listFile: "variants.txt",
  foundInFolders: false,
  valIsTest: false,
  template: "a photo of a {}, a type of aircraft.",
  published: { classes: 100, train: 3334, val: 3333, test: 3333 },
  nameRule: () => null,
  downloads: [
    {
      what: "images and lists; only the folder data is needed, renamed to fgvc_aircraft",
      url: "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/archives/fgvc-aircraft-2013b.tar.gz",
      state: "alive",
    },
  ],
  readLists,
};

const mend = 'it is in the folder "data" of fgvc-aircraft-2013b.tar.gz';

function readLists(folder: string): SplitLists {
  const at = (name: string) => findName(folder, name) ?? join(resolve(folder), name);
  const variantsFile = at("variants.txt");
  const sourceNames = readLines(variantsFile, "the list of variants", mend).map(({ text }) => text);
  const labels = new Map(sourceNames.map((name, label) => [name, label]));
  if (labels.size !== sourceNames.length) {
    throw new UserError(`${variantsFile}: names a variant twice; ${mend}`);
  }
  const read = (part: SplitPart) =>
    readList(at(`images_variant_${part}.txt`), labels, variantsFile);
  const lists = { train: read("train"), val: read("val"), test: read("test") };
  requireDisjoint(lists, join(resolve(folder), "images_variant_*.txt"));
  const trained = new Set(lists.train.map(({ label }) => label));
  const untrained = sourceNames.filter((_, label) => !trained.has(label));
  if (untrained.length > 0) {
    throw new UserError(
      `${at("images_variant_train.txt")}: ${plural(untrained.length, "variant")} of ${variantsFile} without a training image: ${firstFive(untrained)}; ${mend}`,
    );
  }
  const classNames = sourceNames.map((name) => name.replaceAll("_", " "));
  return { classNames, sourceNames, ...lists };
}

function readList(file: string, labels: Map<string, number>, variantsFile: string): Sample[] {
  return readLines(file, "the list of images", mend).map(({ text, number }) => {
    const space = text.indexOf(" ");
    const image = space < 0 ? text : text.slice(0, space);
    const variant = space < 0 ? "" : text.slice(space + 1);
    const label = labels.get(variant);
    if (label === undefined || !/^[\w-]+$/.test(image)) {
      throw new UserError(
        `${file}, line ${number}: is "${visible(text.slice(0, 100))}"; expected the number of an image and a variant of ${variantsFile}`,
      );
    }
    return { path: `${image}.jpg`, label };
  });
}
