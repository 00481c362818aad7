import { zhouDataSet } from "../splitZhou";
import { folderName } from "./dataSet";

/** UCF101 (Soomro, Zamir and Shah 2012), the middle frame of each clip; a folder is called `Apply_Eye_Makeup`. */
export const ucf101 = zhouDataSet({
  name: "ucf101",
  title: "UCF101",
  folders: ["ucf101", "UCF101"],
  imageRoot: "UCF-101-midframes",
  splitFile: "split_zhou_UCF101.json",
  template: "a photo of a person doing {}.",
  published: { classes: 101, train: 7639, val: 1898, test: 3783 },
  nameRule: () => folderName,
  downloads: [
    {
      what: "middle frames, UCF-101-midframes.zip",
      url: "https://drive.google.com/file/d/10Jqome3vtUA2keJkNanAiFpgbyC9Hc2O/view",
      state: "unknown",
    },
    {
      what: "split_zhou_UCF101.json",
      url: "https://drive.google.com/file/d/1I0S0q91hJfsV9Gf4xDIjgDq4AqBNJb1y/view",
      state: "unknown",
    },
  ],
});
