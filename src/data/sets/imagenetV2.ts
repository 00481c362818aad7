import { byNumber, imageNetTest } from "./imagenetTests";

/** ImageNetV2 (Recht and others 2019), the matched-frequency images. Class folders are numbers. */
export const imagenetV2 = imageNetTest({
  name: "imagenetv2",
  title: "ImageNetV2",
  folder: "imagenetv2",
  images: "imagenetv2-matched-frequency-format-val",
  marks: [["imagenetv2-matched-frequency-format-val"]],
  published: { classes: 1000, test: 10000 },
  order: byNumber,
  download: {
    what: "images, the matched-frequency archive",
    url: "https://s3-us-west-2.amazonaws.com/imagenetv2public/imagenetv2-matched-frequency.tar.gz",
    state: "unknown",
  },
});
