import { parseJsonText, readTextFile } from "../../util/jsonFile";
import { findName } from "../locate";
import { zhouDataSet } from "../splitZhou";
import type { NameRule } from "./dataSet";

/** Oxford Flowers (Nilsback and Zisserman 2008) with CoOp's split, which is not the official one. */
export const flowers102 = zhouDataSet({
  name: "flowers102",
  title: "Flowers-102",
  folders: ["oxford_flowers", "Flower102"],
  imageRoot: "jpg",
  splitFile: "split_zhou_OxfordFlowers.json",
  template: "a photo of a {}, a type of flower.",
  published: { classes: 102, train: 4093, val: 1633, test: 2463 },
  nameRule: catToName,
  downloads: [
    {
      what: "images, to be unpacked as jpg",
      url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz",
      state: "alive",
    },
    {
      what: "split_zhou_OxfordFlowers.json",
      url: "https://drive.google.com/file/d/1Pp0sRXzZFZq15zVOzKjKBu4A9i01nozT/view",
      state: "unknown",
    },
  ],
});

/** `cat_to_name.json` names the classes by their number from 1; runs do not need the file. */
function catToName(folder: string): NameRule | null {
  const file = findName(folder, "cat_to_name.json");
  if (file === null) return null;
  const json = parseJsonText(readTextFile(file, "the file of class names"), file);
  const names = (json ?? {}) as Record<string, unknown>;
  return ({ label }) => {
    const name = names[label + 1];
    return typeof name === "string" ? name : null;
  };
}
