import { expect, test } from "vitest";
import { editDistance, isSlip, meantBy, nearest } from "../../src/util/nearest";

test.each([
  ["", "", 0],
  ["rank", "rank", 0],
  ["rnak", "rank", 1],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["shots", "shot", 1],
])("the distance of %s and %s is %i", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test("the nearest of several, the first of equals, whatever the case and the dashes", () => {
  expect(nearest("batch_size", ["seed", "batchSize"])).toEqual({ name: "batchSize", distance: 0 });
  expect(nearest("b", ["a", "c"])?.name).toBe("a");
  expect(nearest("x", [])).toBeNull();
});

test("a part of a name is near it", () => {
  expect(nearest("root_folder", ["order", "root"])).toEqual({ name: "root", distance: 1 });
});

test("a slip leaves most letters where they are", () => {
  expect(isSlip("rnak", 1)).toBe(true);
  expect(isSlip("rnak", 2)).toBe(false);
  expect(isSlip("learningrote", 4)).toBe(true);
});

test.each([
  ["bothh", ["both", "vision", "text"], "both"],
  ["Base_to_Novel", ["all", "base-to-novel"], "base-to-novel"],
  ["novel", ["all", "base-to-novel"], "base-to-novel"],
  // Two are as near, most letters are others, or it is another word.
  ["gpu", ["cpu", "webgpu"], null],
  ["z", ["q", "k"], null],
  ["mnist", ["dtd", "sun397"], null],
  ["x", [], null],
])("%s was meant to be one of %j: %s", (word, candidates, meant) => {
  expect(meantBy(word, candidates)).toBe(meant);
});
