import { zhouDataSet } from "../splitZhou";

/** SUN397 (Xiao and others 2010). `a/apartment_building/outdoor` is called "outdoor apartment_building". */
export const sun397 = zhouDataSet({
  name: "sun397",
  title: "SUN397",
  folders: ["sun397", "SUN397"],
  imageRoot: "SUN397",
  splitFile: "split_zhou_SUN397.json",
  template: "a photo of a {}.",
  published: { classes: 397, train: 15880, val: 3970, test: 19850 },
  nameRule:
    () =>
    ({ path }) =>
      path.split("/").slice(1, -1).reverse().join(" "),
  downloads: [
    {
      what: "images, SUN397.tar.gz",
      url: "http://vision.princeton.edu/projects/2010/SUN/SUN397.tar.gz",
      state: "dead",
    },
    {
      what: "images as parquet files of 39.5 GB, to be written out under their names",
      url: "https://huggingface.co/datasets/1aurent/SUN397",
      state: "alive",
    },
    {
      what: "split_zhou_SUN397.json",
      url: "https://drive.google.com/file/d/1y2RD81BYuiyvebdN-JymPfyWYcd8_MUq/view",
      state: "unknown",
    },
  ],
});
