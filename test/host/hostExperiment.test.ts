import { expect, test } from "vitest";
import type { CellResult } from "../../src/experiments/collect";
import {
  experimentState,
  failuresOf,
  leftOf,
  resultsOf,
} from "../../src/host/experiments/hostExperiment";
import type { HostRun } from "../../src/host/runs/hostRun";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import { emptyRecord } from "../../src/protocol/runRecord";

test("the reasons of failed runs are told, each once and three at most", () => {
  const reasons = ["a", "b", "a", null, "c", "d"];
  const cells = reasons.map((_, seed) => ({ run: `run${seed}`, seed }));
  const record = { runs: "/runs", cells, targets: [] } as unknown as ExperimentRecord;
  const get = (id: string): HostRun => {
    const reason = reasons[Number(id.at(-1))]!;
    const status = { step: 0, steps: 0, reason };
    return { state: "failed", status, record: emptyRecord() } as unknown as HostRun;
  };
  expect(failuresOf(resultsOf(record, get, () => null))).toEqual(["a", "b", "c"]);
  // A run that was stopped has a reason too, which is no failure.
  const stopped = (id: string): HostRun => ({ ...get(id), state: "stopped" });
  expect(failuresOf(resultsOf(record, stopped, () => null))).toEqual([]);
});

test("an experiment of which others made the zero-shot run has not begun", () => {
  const result = (state: CellResult["state"], steps: number) => ({ state, steps }) as CellResult;
  const [missing, shared] = [result("missing", 0), result("finished", 0)];
  expect(experimentState([shared, missing], 0)).toBe("new");
  expect(experimentState([missing, missing], 0)).toBe("new");
  expect(experimentState([shared, missing, result("finished", 10)], 0)).toBe("partial");
  expect(experimentState([shared, result("interrupted", 10)], 0)).toBe("partial");
  expect(experimentState([shared, missing], 1)).toBe("running");
  expect(experimentState([shared, shared], 0)).toBe("finished");
});

test("an experiment that was never handed in is begun by nobody else's work on its runs", () => {
  const result = (state: CellResult["state"]) => ({ state, steps: 10 }) as CellResult;
  const shared = [result("running"), result("finished"), result("missing")];
  expect(experimentState(shared, 1, false)).toBe("new");
  expect(experimentState(shared, 1)).toBe("running");
  expect(experimentState([result("finished")], 0, false)).toBe("finished");
});

test("runs that nobody works on are left to be handed in, beside those that are at work", () => {
  const states = ["running", "paused", "finished", "failed", "missing", "stopped", "created"];
  const results = states.map((state) => ({ state }) as CellResult);
  expect(leftOf(results, 0)).toBe(3);
  expect(leftOf(results, 2)).toBe(1);
});
