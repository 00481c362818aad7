import { imageNetTest } from "./imagenetTests";

/** ImageNet-Sketch (Wang and others 2019). */
export const imagenetSketch = imageNetTest({
  name: "imagenet-sketch",
  title: "ImageNet-Sketch",
  folder: "imagenet-sketch",
  images: "images",
  marks: [["classnames.txt", "images/n01440764"]],
  published: { classes: 1000, test: 50889 },
  download: {
    what: "images; their class folders go into images",
    url: "https://github.com/HaohanWang/ImageNet-Sketch",
    state: "unknown",
  },
});
