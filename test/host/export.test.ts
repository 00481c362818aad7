import { expect, test, vi } from "vitest";
import type { HostRun } from "../../src/host/runs/hostRun";

const writeFile = vi.fn<(file: string, content: Uint8Array) => Promise<void>>();
vi.mock("vscode", () => ({
  window: { showSaveDialog: () => Promise.resolve("chosen.csv") },
  workspace: { fs: { writeFile: (...given: [string, Uint8Array]) => writeFile(...given) } },
}));
const { exportCsv } = await import("../../src/host/panel/export");

test("rows of two runs in a table are not to be taken for those of one", async () => {
  const evaluation = { step: 1, seconds: 2, zeroShot: false, split: "test", correct: 1, total: 2 };
  const of = (id: string): HostRun =>
    ({
      ...{ id, name: id.split("/").at(-1)! },
      record: { evaluations: [{ ...evaluation, accuracy: 50 }] },
    }) as unknown as HostRun;
  const ids = ["/p/a/20260131-120000-x", "/q/a/20260131-120000-x", "/p/a/20260131-120000-y"];
  await exportCsv(ids.map(of), "accuracy");
  const [file, content] = writeFile.mock.lastCall!;
  expect(file).toBe("chosen.csv");
  const names = Buffer.from(content).toString("utf8").split("\r\n").slice(1, -1);
  expect(names.map((line) => line.split(",")[0])).toEqual([
    "x · 12:00:00 · p",
    "x · 12:00:00 · q",
    "y",
  ]);
});
