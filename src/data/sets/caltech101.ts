import { zhouDataSet } from "../splitZhou";

/** Folders that are not called as their class. */
const renamed = new Map([
  ["Faces", "face"],
  ["Leopards", "leopard"],
  ["Motorbikes", "motorbike"],
  ["airplanes", "airplane"],
]);

/**
 * Caltech-101 (Fei-Fei, Fergus and Perona 2004) with CoOp's split, which leaves out the background and `Faces_easy`.
 * Labels follow the folders' names sorted by character code, so those with a capital come first.
 */
export const caltech101 = zhouDataSet({
  name: "caltech101",
  title: "Caltech-101",
  folders: ["caltech-101", "Caltech101"],
  imageRoot: "101_ObjectCategories",
  splitFile: "split_zhou_Caltech101.json",
  template: "a photo of a {}.",
  published: { classes: 100, train: 4128, val: 1649, test: 2465 },
  nameRule:
    () =>
    ({ path }) => {
      const folder = path.split("/")[0]!;
      return renamed.get(folder) ?? folder;
    },
  downloads: [
    {
      what: "images, 101_ObjectCategories.tar.gz",
      url: "http://www.vision.caltech.edu/Image_Datasets/Caltech101/101_ObjectCategories.tar.gz",
      state: "dead",
    },
    {
      what: "images, in an archive within the archive",
      url: "https://data.caltech.edu/records/mzrjq-6wc02",
      state: "alive",
    },
    {
      what: "split_zhou_Caltech101.json",
      url: "https://drive.google.com/file/d/1hyarUivQE36mY6jSomru6Fjd-JzwcCzN/view",
      state: "unknown",
    },
  ],
});
