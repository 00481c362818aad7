import { imageNetTest } from "./imagenetTests";

/** ImageNet-A (Hendrycks and others 2021): 200 of ImageNet's classes, which are told apart from each other only. */
export const imagenetA = imageNetTest({
  name: "imagenet-a",
  title: "ImageNet-A",
  folder: "imagenet-adversarial",
  images: "imagenet-a",
  marks: [["imagenet-a"]],
  published: { classes: 200, test: 7500 },
  download: {
    what: "images, imagenet-a.tar",
    url: "https://github.com/hendrycks/natural-adv-examples",
    state: "unknown",
  },
});
