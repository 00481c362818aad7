import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnoseMachine, disk } from "../../src/runtime/diagnosis";
import { builtProbe } from "./builtProbe";

const program = builtProbe("diagnosis");
/** No GPU, whatever this machine has. */
const env = {
  ...process.env,
  VK_DRIVER_FILES: "/nowhere.json",
  VK_ICD_FILENAMES: "/nowhere.json",
  GLAD_CUDA_PATH: "",
};
const questions = { device: "auto", precision: "float32", output: "." } as const;

test("every part of the machine has a line, and what works is told with numbers", async () => {
  const findings = await diagnoseMachine(questions, { program, env });
  const byName = Object.fromEntries(findings.map((finding) => [finding.name, finding]));
  expect(byName.node).toMatchObject({ state: "ok", mend: null });
  expect(byName.onnxruntime!.text).toMatch(/^\d+\.\d+\.\d+$/);
  expect(byName.cpu).toMatchObject({ state: "ok" });
  expect(byName.cpu!.text).toMatch(/^[\d.]+ GFLOP\/s on \d+ cores?$/);
  expect(byName.memory!.text).toMatch(/^[\d.]+ GiB free of [\d.]+ GiB/);
  expect(byName.disk!.text).toMatch(/^[\d.]+ GiB free in \//);
});

test.runIf(process.platform === "linux")(
  "a GPU that is missing is a note for auto and a failure when it is asked for; both say how to mend it",
  async () => {
    const webgpu = async (device: string) => {
      const findings = await diagnoseMachine({ ...questions, device }, { program, env });
      return findings.find(({ name }) => name === "webgpu")!;
    };
    expect(await webgpu("auto")).toMatchObject({ state: "note" });
    const asked = await webgpu("webgpu");
    expect(asked.state).toBe("failed");
    expect(asked.text).toMatch(/^not usable: /);
    expect(asked.mend).toMatch(/^install the /);
  },
);

test("a device that auto does not try is probed when it is asked for", async () => {
  const findings = await diagnoseMachine({ ...questions, device: "cuda:7" }, { program, env });
  expect(findings.find(({ name }) => name === "cuda:7")).toMatchObject({ state: "failed" });
});

test("an onnxruntime that does not compute is a failure", async () => {
  const findings = await diagnoseMachine(questions, { program: "/nowhere/probe.js", env });
  expect(findings.find(({ name }) => name === "onnxruntime")).toMatchObject({
    state: "failed",
    mend: "reinstall GLAD (a copy of its repository: `npm ci`)",
  });
});

test("the output folder need not exist, but what is above it must be writable", () => {
  const folder = mkdtempSync(join(tmpdir(), "glad-diagnosis-"));
  try {
    expect(disk(join(folder, "not/yet"))).toMatchObject({ state: "ok" });
    chmodSync(folder, 0o500);
    // Root may write anywhere.
    const state = process.getuid?.() === 0 ? "ok" : "failed";
    expect(disk(join(folder, "not/yet"))).toMatchObject({ state });
  } finally {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  }
});
