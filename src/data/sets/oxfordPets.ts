import { zhouDataSet } from "../splitZhou";

/** Oxford-IIIT Pets (Parkhi and others 2012). A class is called as its images are, without their number and in small letters. */
export const oxfordPets = zhouDataSet({
  name: "oxfordpets",
  title: "Oxford Pets",
  folders: ["oxford_pets", "OxfordPets"],
  imageRoot: "images",
  splitFile: "split_zhou_OxfordPets.json",
  template: "a photo of a {}, a type of pet.",
  published: { classes: 37, train: 2944, val: 736, test: 3669 },
  nameRule:
    () =>
    ({ path }) =>
      path.replace(/_[^_]*$/, "").toLowerCase(),
  downloads: [
    {
      what: "images",
      url: "https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
      state: "alive",
    },
    {
      what: "split_zhou_OxfordPets.json",
      url: "https://drive.google.com/file/d/1501r8Ber4nNKvmlFVQZ8SeUHTcdTTEqs/view",
      state: "unknown",
    },
  ],
});
