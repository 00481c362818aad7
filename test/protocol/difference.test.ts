import { expect, test } from "vitest";
import { differenceText, directionOf } from "../../src/protocol/difference";

test("a difference has a sign, and both where it rounds to zero", () => {
  const differences = [0.62, -0.62, 0, -0, 0.0049, -0.0049, 0.0051, -0.0051];
  expect(differences.map((each) => differenceText(each))).toEqual([
    "+0.62",
    "-0.62",
    "±0.00",
    "±0.00",
    "±0.00",
    "±0.00",
    "+0.01",
    "-0.01",
  ]);
  expect(differences.map(directionOf)).toEqual([
    "better",
    "worse",
    "same",
    "same",
    "same",
    "same",
    "better",
    "worse",
  ]);
});

test("with another minus and other figures", () => {
  const figures = (size: number) => size.toFixed(1).replace(".", ",");
  expect([-1.25, 0, 1.5].map((each) => differenceText(each, "−", figures))).toEqual([
    "−1,3",
    "±0,0",
    "+1,5",
  ]);
});
