import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import { readStatus } from "../../src/protocol/status";
import { temporaryFolder } from "../support/temporaryFolder";
import { repository, tinyRun } from "../support/tinyRun";

function trainer(...args: string[]) {
  const program = join(repository, "dist/trainer.js");
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return { code: status, stderr };
}

test.each([[[]], [["a", "b"]], [["a", "--fast"]], [["a", "--device"]]])(
  "%j is answered with how to call it",
  (args) => {
    const { code, stderr } = trainer(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/usage: node trainer\.js RUNFOLDER \[--device NAME\]\n$/);
  },
);

test("a run can go on with another device than its own, and a finished one has nothing to do", async () => {
  const { paths } = await tinyRun(temporaryFolder(), { device: "cuda:99" });
  const own = trainer(paths.folder);
  expect(own.code).toBe(1);
  expect(own.stderr).toMatch(/^device "cuda:99" cannot be used: /);
  expect(readStatus(paths)).toMatchObject({ state: "failed", reason: own.stderr.trim() });
  const wrong = trainer(paths.folder, "--device", "gpu");
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/^device "gpu": must be "auto", "cpu"/);
  expect(trainer(paths.folder, "--device", "cpu")).toEqual({ code: 0, stderr: "" });
  expect(readEvents(paths.events).find(({ type }) => type === "started")).toMatchObject({
    device: "cpu (1 thread)",
  });
  const events = readFileSync(paths.events, "utf8");
  expect(trainer(paths.folder)).toEqual({ code: 0, stderr: "" });
  expect(readFileSync(paths.events, "utf8")).toBe(events);
});
