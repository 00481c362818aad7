import { expect, test } from "vitest";
import { emptyAverage, smoothRows } from "../../src/protocol/smooth";

const rows = (column: number[], smoothing: number): number[] => {
  const target = new Float64Array(column.length);
  smoothRows(emptyAverage(), Float64Array.from(column), target, {
    from: 0,
    to: column.length,
    smoothing,
  });
  return [...target];
};

test("is the weighted mean of all values so far, the newest weighing most", () => {
  // Weights 1; 1/2 and 1; 1/4, 1/2 and 1, each divided by their sum.
  expect(rows([4, 1, 7], 0.5)).toEqual([4, 2, (0.25 * 4 + 0.5 * 1 + 7) / 1.75]);
});

test("does not pull the beginning towards zero", () => {
  for (const value of rows([5, 5, 5, 5], 0.99)) expect(value).toBeCloseTo(5, 12);
});

test("passes over what was not measured", () => {
  expect(rows([4, NaN, 1], 0.5)).toEqual([4, NaN, 2]);
});

test("without smoothing the values stay as they are", () => {
  expect(rows([3, 1, 2], 0)).toEqual([3, 1, 2]);
});

test("goes on where it stood", () => {
  const column = Float64Array.from([3, 1, 4, 1, 5, 9]);
  const average = emptyAverage();
  const target = new Float64Array(6);
  smoothRows(average, column, target, { from: 0, to: 2, smoothing: 0.8 });
  smoothRows(average, column, target, { from: 2, to: 6, smoothing: 0.8 });
  expect([...target]).toEqual(rows([...column], 0.8));
});
