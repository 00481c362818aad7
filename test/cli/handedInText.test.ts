import { expect, test } from "vitest";
import { handedInText } from "../../src/cli/handedInText";
import type { CellResult } from "../../src/experiments/collect";

const result = (run: string | null, more: Partial<CellResult>): CellResult =>
  ({ cell: { run }, state: "created", splits: null, ...more }) as unknown as CellResult;

test("runs that are only to be measured are told apart from those that are trained", () => {
  const results = [
    result("a", {}),
    result("b", { state: "stopped", measured: 1 }),
    result("c", { state: "stopped", measured: 0 }),
    result("d", { state: "finished" }),
    result("e", { state: "running" }),
    result(null, { state: "missing" }),
  ];
  expect(handedInText(results, { runs: "/runs", taken: ["/runs/a", "/runs/b", "/runs/c"] })).toBe(
    "5 runs: 1 handed in, 2 handed in only to be measured, 1 finished before, 1 handed in before",
  );
  const measured = results.slice(1, 3);
  expect(handedInText(measured, { runs: "/runs", taken: ["/runs/b", "/runs/c"] })).toBe(
    "2 runs: 2 handed in only to be measured",
  );
});
