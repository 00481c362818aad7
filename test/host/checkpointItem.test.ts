import { expect, test, vi } from "vitest";
import type { HostRun } from "../../src/host/runs/hostRun";

vi.mock("vscode", () => ({
  l10n: {
    t: (text: string, ...values: unknown[]) =>
      text.replace(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)])),
  },
  TreeItem: class {
    constructor(readonly label: string) {}
  },
  ThemeIcon: class {},
  TreeItemCollapsibleState: {},
  env: { language: "en" },
}));
const { checkpointItem } = await import("../../src/host/runs/runsTree");

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
