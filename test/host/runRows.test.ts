import { expect, test, vi } from "vitest";
import type { HostRun } from "../../src/host/runs/hostRun";

vi.mock("vscode", () => import("../support/vscodeRows"));
const { checkpointItem, describeRun } = await import("../../src/host/runs/runsTree");

test("the row of a checkpoint says to a screen reader what the eye sees", () => {
  const evaluations = [
    { step: 0, split: "all", accuracy: 50, zeroShot: true },
    { step: 40, split: "base", accuracy: 97.421, zeroShot: false },
    { step: 40, split: "novel", accuracy: 91.5, zeroShot: false },
  ];
  const run = {
    state: "running",
    best: { step: 40 },
    record: { evaluations },
  } as unknown as HostRun;
  const of = (step: number): string =>
    checkpointItem(run, { step, folder: `/c/${step}`, size: 2_500_000 }).accessibilityInformation!
      .label;
  const size = String(checkpointItem(run, { step: 20, folder: "/c", size: 2_500_000 }).description);
  expect(of(40)).toBe(`Step 40, base 97.42%, novel 91.50%, ${size}, best`);
  expect(of(20)).toBe(`Step 20, ${size}`);
});

test("a run that has made its steps is measured, or waits for that, and was not stopped by anybody", () => {
  const told = (state: string, step: number): string =>
    describeRun({
      ...{ state, silent: null, stopping: null, asked: false, best: null },
      ...{ status: { step, steps: 5 }, record: { step } },
    } as unknown as HostRun);
  expect(told("running", 4)).toBe("running 4/5");
  expect(told("running", 5)).toBe("measuring 5/5");
  expect(told("stopped", 4)).toBe("stopped 4/5");
  expect(told("stopped", 5)).toBe("to be measured 5/5");
  expect(told("failed", 5)).toBe("failed 5/5");
});

test("a run that was stopped by force says so, until it goes on", () => {
  const told = (state: string): string =>
    describeRun({
      ...{ state, silent: null, stopping: null, asked: false, best: null },
      ...{ status: { step: 3, steps: 5, forced: true }, record: { step: 3 } },
    } as unknown as HostRun);
  expect(told("stopped")).toBe("stopped 3/5 · ended by force");
  expect(told("starting")).toBe("starting 3/5");
});
