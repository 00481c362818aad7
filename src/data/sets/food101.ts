import { zhouDataSet } from "../splitZhou";
import { folderName } from "./dataSet";

/** Food-101 (Bossard, Guillaumin and Van Gool 2014). */
export const food101 = zhouDataSet({
  name: "food101",
  title: "Food-101",
  folders: ["food-101", "Food101"],
  imageRoot: "images",
  splitFile: "split_zhou_Food101.json",
  template: "a photo of {}, a type of food.",
  published: { classes: 101, train: 50500, val: 20200, test: 30300 },
  nameRule: () => folderName,
  downloads: [
    {
      what: "images, food-101.tar.gz",
      url: "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
      state: "alive",
    },
    {
      what: "split_zhou_Food101.json",
      url: "https://drive.google.com/file/d/1QK0tGi096I0Ba6kggatX1ee6dJFIcEJl/view",
      state: "unknown",
    },
  ],
});
