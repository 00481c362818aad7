import { zhouDataSet } from "../splitZhou";

/** CoOp's names of the folders. OpenAI's own for EuroSAT are others and give other numbers. */
const names = new Map([
  ["AnnualCrop", "Annual Crop Land"],
  ["Forest", "Forest"],
  ["HerbaceousVegetation", "Herbaceous Vegetation Land"],
  ["Highway", "Highway or Road"],
  ["Industrial", "Industrial Buildings"],
  ["Pasture", "Pasture Land"],
  ["PermanentCrop", "Permanent Crop Land"],
  ["Residential", "Residential Buildings"],
  ["River", "River"],
  ["SeaLake", "Sea or Lake"],
]);

/** EuroSAT (Helber and others 2019) in RGB. */
export const eurosat = zhouDataSet({
  name: "eurosat",
  title: "EuroSAT",
  folders: ["eurosat", "eurosat"],
  imageRoot: "2750",
  splitFile: "split_zhou_EuroSAT.json",
  template: "a centered satellite photo of {}.",
  published: { classes: 10, train: 13500, val: 5400, test: 8100 },
  nameRule:
    () =>
    ({ path }) =>
      names.get(path.split("/")[0]!) ?? null,
  downloads: [
    {
      what: "images, EuroSAT.zip",
      url: "http://madm.dfki.de/files/sentinel/EuroSAT.zip",
      state: "dead",
    },
    {
      what: "images, EuroSAT_RGB.zip; rename its folder to 2750",
      url: "https://zenodo.org/records/7711810",
      state: "alive",
    },
    {
      what: "split_zhou_EuroSAT.json",
      url: "https://drive.google.com/file/d/1Ip7yaCWFi0eaOFUGga0lUdVi_DDQth1o/view",
      state: "unknown",
    },
  ],
});
