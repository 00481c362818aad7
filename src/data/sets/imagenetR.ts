import { imageNetTest } from "./imagenetTests";

/** ImageNet-R (Hendrycks and others 2021): renditions of 200 of ImageNet's classes, other 200 than ImageNet-A's. */
export const imagenetR = imageNetTest({
  name: "imagenet-r",
  title: "ImageNet-R",
  folder: "imagenet-rendition",
  images: "imagenet-r",
  marks: [["imagenet-r"]],
  published: { classes: 200, test: 30000 },
  download: {
    what: "images, imagenet-r.tar",
    url: "https://github.com/hendrycks/imagenet-r",
    state: "unknown",
  },
});
