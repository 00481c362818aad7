import { zhouDataSet } from "../splitZhou";

/** Caltech-101 (Fei-Fei, Fergus and Perona 2004) with CoOp's split, which leaves out the background and `Faces_easy`. */
export const caltech101 = zhouDataSet({
  name: "caltech101",
  title: "Caltech-101",
  folders: ["caltech-101", "Caltech101"],
  imageRoot: "101_ObjectCategories",
  splitFile: "split_zhou_Caltech101.json",
  template: "a photo of a {}.",
  published: { classes: 100, train: 4128, val: 1649, test: 2465 },
});
