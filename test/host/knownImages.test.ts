import { expect, test } from "vitest";
import { knownImages } from "../../src/host/config/knownImages";
import type { DataSetReport } from "../../src/protocol/dataReport";

/** A data set that was found. */
function found(folder: string, dataset = "folder", train = 8): DataSetReport {
  return {
    ...{ dataset, title: dataset, folder, imageRoot: folder, layout: null, published: null },
    counts: { classes: 2, train, val: 0, test: 2 },
    ...{ classes: [], findings: [], downloads: [] },
  };
}

const places = [
  {
    sets: [found("/w/caltech-101", "caltech101"), found("/w/photos"), found("/w/tests", "dtd", 0)],
  },
  { sets: [found("/elsewhere/photos"), found("/w/photos"), found("/w/v2", "imagenetv2")] },
];

test("images that were found are taken where they lie, those of the data set that is asked for first", () => {
  expect(knownImages(places, "folder", "/w")).toEqual([
    { "data.root": "./photos" },
    { "data.root": "/elsewhere/photos" },
    { "data.root": "./caltech-101", "data.dataset": "caltech101" },
  ]);
  // Who names a published data set wants no other one.
  expect(knownImages(places, "caltech101", "/w/configs")).toEqual([
    { "data.root": "/w/caltech-101" },
  ]);
  expect(knownImages(places, "eurosat", "/w")).toEqual([]);
});

test("no more than a few are proposed, and none that cannot be trained on", () => {
  const many = Array.from({ length: 9 }, (_, i) => found(`/w/${i}`));
  expect(knownImages([{ sets: many }], "folder", "/w")).toHaveLength(3);
  const empty = { ...found("/w/broken"), counts: null };
  expect(knownImages([{ sets: [empty, found("/w/0", "folder", 0)] }], "folder", "/w")).toEqual([]);
});
