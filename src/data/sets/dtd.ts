import { zhouDataSet } from "../splitZhou";
import { folderName } from "./dataSet";

/** Describable Textures (Cimpoi and others 2014). */
export const dtd = zhouDataSet({
  name: "dtd",
  title: "DTD",
  aliases: ["DescribableTextures"],
  folders: ["dtd", "DTD"],
  imageRoot: "images",
  splitFile: "split_zhou_DescribableTextures.json",
  template: "{} texture.",
  published: { classes: 47, train: 2820, val: 1128, test: 1692 },
  nameRule: () => folderName,
  downloads: [
    {
      what: "images",
      url: "https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz",
      state: "alive",
    },
    {
      what: "split_zhou_DescribableTextures.json",
      url: "https://drive.google.com/file/d/1u3_QfB467jqHgNXC00UIzbLZRQCg2S7x/view",
      state: "unknown",
    },
  ],
});
