import { expect, test } from "vitest";
import type { CellResult } from "../../src/experiments/collect";
import { withHeld } from "../../src/experiments/held";
import type { Cell, ExperimentRecord } from "../../src/protocol/experimentRecord";

const record = { runs: "/runs" } as ExperimentRecord;

function results(...states: [CellResult["state"], failure?: string][]): CellResult[] {
  return states.map(([state, failure = null as never], n) => {
    const cell = { run: state === "missing" ? null : `run${n}` } as Cell;
    return { cell, state, step: 5, steps: 9, splits: null, failure };
  });
}

const of = (...runs: number[]): ReadonlySet<string> => new Set(runs.map((n) => `/runs/run${n}`));

test("a run that waits for another turn is to come, whatever became of its last one", () => {
  const held = { waiting: of(1, 2, 3), ended: new Map() };
  const before = results(["finished"], ["failed", "loss is NaN"], ["interrupted"], ["stopped"]);
  const found = withHeld(record, before, held);
  expect(found.map(({ state, failure }) => [state, failure])).toEqual([
    ["finished", null],
    ["created", null],
    ["created", null],
    ["created", null],
  ]);
  expect(found.every(({ step, steps }) => step === 5 && steps === 9)).toBe(true);
});

test("a run that was given up has failed, for the reason that somebody knows", () => {
  const ended = new Map([
    ["/runs/run1", "Slurm ended task 7_1: NODE_FAIL"],
    ["/runs/run2", "Slurm ended task 7_2 before the trainer began"],
    ["/runs/run3", "Slurm ended task 7_3: NODE_FAIL"],
  ]);
  const before = results(
    ["interrupted"],
    ["interrupted"],
    ["created"],
    ["failed", "loss is NaN"],
    ["stopped"],
    ["created"],
    ["missing"],
    ["running"],
  );
  const found = withHeld(record, before, { waiting: of(), ended }, "gone");
  expect(found.map(({ state, failure }) => [state, failure])).toEqual([
    ["failed", "gone"],
    ["failed", "Slurm ended task 7_1: NODE_FAIL"],
    ["failed", "Slurm ended task 7_2 before the trainer began"],
    // The folder tells of the last attempt, the executor of an earlier one.
    ["failed", "loss is NaN"],
    ["stopped", null],
    ["created", null],
    ["missing", null],
    ["running", null],
  ]);
});
