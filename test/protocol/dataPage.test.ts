import { expect, test } from "vitest";
import { dataSets } from "../../src/data/sets/index";
import { parseDataPageMessage, parseDataSource } from "../../src/protocol/dataPageIntents";
import { dataSetTitles } from "../../src/protocol/dataSetNames";
import { splitTable } from "../../src/protocol/splitTable";

test("the names that the editor offers are those of the data sets", () => {
  expect(dataSetTitles).toEqual(
    Object.fromEntries(dataSets.map(({ name, title }) => [name, title])),
  );
  expect(Object.keys(dataSetTitles)).toEqual(dataSets.map(({ name }) => name));
});

test("what a page sends is checked", () => {
  const want = { type: "want", images: [{ root: 0, path: "ant/1.jpg" }] };
  expect(parseDataPageMessage(want)).toEqual(want);
  expect(parseDataPageMessage({ type: "want", images: [{ root: -1, path: "a" }] })).toBeNull();
  expect(parseDataPageMessage({ type: "openImage", root: 0 })).toBeNull();
  expect(parseDataPageMessage({ type: "format disk" })).toBeNull();
  expect(parseDataPageMessage(null)).toBeNull();
});

test("what a panel kept is read again, or nothing", () => {
  const source = { page: "split", of: { root: "/a", dataset: "dtd", shots: null, seed: 1 } };
  expect(parseDataSource({ source })).toEqual(source);
  expect(parseDataSource({ source: { page: "split", of: {} } })).toBeNull();
  expect(parseDataSource(undefined)).toBeNull();
});

test("a split's table counts per class and split, and tells a missing class from an empty one", () => {
  const split = (name: string, classNames: string[], images: [string, number][]) => ({
    split: name,
    imageRoot: "/a",
    classNames,
    images,
  });
  const table = splitTable({
    splits: [
      split(
        "train",
        ["ant", "bee"],
        [
          ["1", 0],
          ["2", 0],
        ],
      ),
      split(
        "novel",
        ["cat", "ant"],
        [
          ["3", 1],
          ["4", 0],
          ["5", 0],
        ],
      ),
    ],
  });
  expect(table).toEqual({
    splits: [
      { split: "train", classes: 2, images: 2 },
      { split: "novel", classes: 2, images: 3 },
    ],
    classes: [
      { name: "ant", counts: [2, 1] },
      { name: "bee", counts: [0, null] },
      { name: "cat", counts: [null, 2] },
    ],
  });
});
