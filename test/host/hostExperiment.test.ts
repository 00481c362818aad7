import { expect, test } from "vitest";
import {
  experimentState,
  failuresOf,
  resultsOf,
  withHeld,
} from "../../src/host/experiments/hostExperiment";
import type { HostRun } from "../../src/host/runs/hostRun";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";

test("the reasons of failed runs are told, each once and three at most", () => {
  const reasons = ["a", "b", "a", null, "c", "d"];
  const cells = reasons.map((_, seed) => ({ run: `run${seed}`, seed }));
  const record = { runs: "/runs", cells } as unknown as ExperimentRecord;
  const get = (id: string): HostRun => {
    const reason = reasons[Number(id.at(-1))]!;
    return { state: "failed", status: { step: 0, steps: 0, reason } } as unknown as HostRun;
  };
  expect(failuresOf(resultsOf(record, get, () => null))).toEqual(["a", "b", "c"]);
  // A run that was stopped has a reason too, which is no failure.
  const stopped = (id: string): HostRun => ({ ...get(id), state: "stopped" });
  expect(failuresOf(resultsOf(record, stopped, () => null))).toEqual([]);
});

test("what an executor knows comes before what the folders of runs say", () => {
  const states = ["finished", "failed", "failed", "interrupted", "interrupted", "stopped"] as const;
  const cells = states.map((_, seed) => ({ run: `run${seed}`, seed }));
  const record = { runs: "/runs", cells } as unknown as ExperimentRecord;
  const get = (id: string): HostRun => {
    const state = states[Number(id.at(-1))]!;
    const reason = state === "failed" ? "loss is NaN" : null;
    return { state, status: { step: 5, steps: 9, reason } } as unknown as HostRun;
  };
  const of = (...runs: number[]) => new Set(runs.map((n) => `/runs/run${n}`));
  const ended = new Map([["/runs/run4", "Slurm ended task 7_4: NODE_FAIL"]]);
  const held = withHeld(
    record,
    resultsOf(record, get, () => null),
    { waiting: of(1, 5), ended },
  );
  expect(held.map(({ state, failure }) => [state, failure])).toEqual([
    ["finished", null],
    // It waits for another turn.
    ["created", null],
    ["failed", "loss is NaN"],
    ["failed", "its trainer is gone: it was ended, or the machine was restarted"],
    ["failed", "Slurm ended task 7_4: NODE_FAIL"],
    ["created", null],
  ]);
  expect(held.every(({ step, steps }) => step === 5 && steps === 9)).toBe(true);
  expect(experimentState(held, 2)).toBe("running");
  expect(experimentState(held, 0)).toBe("partial");
});
