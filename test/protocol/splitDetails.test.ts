import { expect, test } from "vitest";
import {
  splitDetails,
  type DetailsQuery,
  type PredictedImage,
} from "../../src/protocol/splitDetails";

const names = ["cat", "lynx", "dog"];
const image = (
  path: string,
  label: number,
  predicted: number,
  probability: number,
): PredictedImage => ({
  path,
  label,
  top: [
    { label: predicted, probability },
    { label: (predicted + 1) % 3, probability: 1 - probability },
  ],
});
const predictions = [
  image("1", 0, 1, 0.6),
  image("2", 0, 1, 0.9),
  image("3", 0, 2, 0.7),
  image("4", 0, 0, 0.8),
  image("5", 1, 1, 0.8),
  image("6", 2, 0, 0.95),
  image("7", 2, 2, 0.95),
];
const zeroShot = predictions.map(({ path, label }) => image(path, label, 0, 0.5));
const query: DetailsQuery = { run: "r", split: "all", label: null, offset: 0, limit: 10 };
const details = (over: Partial<DetailsQuery> = {}) =>
  splitDetails({ ...query, ...over }, names, predictions, zeroShot, (path) => `uri:${path}`);

test("counts every class beside CLIP without adapters", () => {
  expect(details().classes).toEqual([
    { name: "cat", correct: 1, total: 4, zeroShotCorrect: 4 },
    { name: "lynx", correct: 1, total: 1, zeroShotCorrect: 0 },
    { name: "dog", correct: 1, total: 2, zeroShotCorrect: 0 },
  ]);
  const without = splitDetails(query, names, predictions, null, () => null);
  expect(without.classes[0]!.zeroShotCorrect).toBeNull();
});

test("shows what the worst classes were taken for, worst and most frequent first", () => {
  const { confusions } = details();
  expect(confusions.map(({ name }) => name)).toEqual(["cat", "dog"]);
  expect(confusions[0]!.takenFor).toEqual([
    {
      name: "lynx",
      count: 2,
      pictures: [
        { path: "1", uri: "uri:1" },
        { path: "2", uri: "uri:2" },
      ],
    },
    { name: "dog", count: 1, pictures: [{ path: "3", uri: "uri:3" }] },
  ]);
});

test("lists mistakes, the surest first, page by page and class by class", () => {
  expect(details().mistakes.map(({ path }) => path)).toEqual(["6", "2", "3", "1"]);
  expect(details({ offset: 1, limit: 2 })).toMatchObject({
    totalMistakes: 4,
    offset: 1,
    mistakes: [{ path: "2" }, { path: "3" }],
  });
  expect(details({ label: "dog" })).toMatchObject({
    totalMistakes: 1,
    mistakes: [
      {
        path: "6",
        uri: "uri:6",
        label: "dog",
        top: [{ name: "cat", probability: 0.95 }, { name: "lynx" }],
      },
    ],
  });
});
