/** The data sets that are read by name, with their titles; those with test images only at the end. */
export const dataSetTitles = {
  imagenet: "ImageNet",
  caltech101: "Caltech-101",
  oxfordpets: "Oxford Pets",
  stanfordcars: "Stanford Cars",
  flowers102: "Flowers-102",
  food101: "Food-101",
  fgvcaircraft: "FGVC-Aircraft",
  sun397: "SUN397",
  dtd: "DTD",
  eurosat: "EuroSAT",
  ucf101: "UCF101",
  imagenetv2: "ImageNetV2",
  "imagenet-sketch": "ImageNet-Sketch",
  "imagenet-a": "ImageNet-A",
  "imagenet-r": "ImageNet-R",
} as const;
