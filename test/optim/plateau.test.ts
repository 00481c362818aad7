import { expect, test } from "vitest";
import { notePlateau, type Plateau } from "../../src/optim/plateau";

/** How many evaluations each of these accuracies leaves to wait for a gain. */
function waits(accuracies: readonly number[], minDelta: number): number[] {
  let state: Plateau | null = null;
  return accuracies.map((accuracy) => (state = notePlateau(state, accuracy, minDelta)).waited);
}

test("an accuracy that is no better lets the rule wait, a better one begins anew", () => {
  expect(waits([50, 60, 60, 55, 61, 60], 0)).toEqual([0, 0, 1, 2, 0, 1]);
});

test("gains up to minDelta do not count, and are measured from the last that did", () => {
  expect(waits([50, 50.5, 51, 51.5], 1)).toEqual([0, 1, 2, 0]);
});
