import { zhouDataSet } from "../splitZhou";

/**
 * Stanford Cars (Krause and others 2013). The paths of the split begin with `cars_train` or `cars_test`, which lie in the
 * data set's folder itself. A class has its year in front: "2012 Acura RL Sedan".
 */
export const stanfordCars = zhouDataSet({
  name: "stanfordcars",
  title: "Stanford Cars",
  folders: ["stanford_cars", "StanfordCars"],
  imageRoot: "",
  splitFile: "split_zhou_StanfordCars.json",
  template: "a photo of a {}.",
  published: { classes: 196, train: 6509, val: 1635, test: 8041 },
  nameRule:
    () =>
    ({ name }) =>
      name.replace(/^(.+) (\d{4})$/, "$2 $1"),
  downloads: [
    {
      what: "images to train on, cars_train.tgz",
      url: "http://ai.stanford.edu/~jkrause/car196/cars_train.tgz",
      state: "dead",
    },
    {
      what: "images to test with, cars_test.tgz",
      url: "http://ai.stanford.edu/~jkrause/car196/cars_test.tgz",
      state: "dead",
    },
    {
      what: 'both on Kaggle, as "torchvision-stanford-cars"',
      url: "https://www.kaggle.com/datasets?search=torchvision-stanford-cars",
      state: "unknown",
    },
    {
      what: "split_zhou_StanfordCars.json",
      url: "https://drive.google.com/file/d/1ObCFbaAgVu0I-k_Au-gIUcefirdAuizT/view",
      state: "unknown",
    },
  ],
});
