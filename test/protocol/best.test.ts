import { expect, test } from "vitest";
import { bestOf } from "../../src/protocol/best";

const at = (step: number, accuracies: Record<string, number>, zeroShot = false) =>
  Object.entries(accuracies).map(([split, accuracy]) => ({ step, split, accuracy, zeroShot }));

test("the best is H where both halves are measured, otherwise that of all classes, never of CLIP without adapters", () => {
  expect(bestOf([])).toBeNull();
  expect(bestOf(at(0, { all: 99 }, true))).toBeNull();
  expect(bestOf(at(5, { val: 90 }))).toBeNull();
  const all = [...at(0, { all: 99 }, true), ...at(5, { all: 60, val: 1 }), ...at(10, { all: 70 })];
  expect(bestOf(all)).toEqual({ label: "all", accuracy: 70, step: 10 });
  const halves = [...at(5, { base: 60, novel: 40 }), ...at(10, { base: 90, novel: 10 })];
  expect(bestOf(halves)).toEqual({ label: "H", accuracy: 48, step: 5 });
});

test("of equal ones the first is the best", () => {
  expect(bestOf([...at(5, { all: 60 }), ...at(10, { all: 60 })])?.step).toBe(5);
});
