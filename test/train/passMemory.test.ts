import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/protocol/events";
import { readEvents } from "../../src/protocol/readEvents";
import { DeviceLostError } from "../../src/runtime/deviceLost";
import { openRun } from "../../src/train/openRun";
import { earlierPasses, mainMemory, passMemory } from "../../src/train/passMemory";
import { runTrainer } from "../../src/trainer/runTrainer";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";

const GiB = 2 ** 30;
// As onnxruntime's CUDA provider says it (bfc_arena.cc).
const outOfMemory =
  "Non-zero status code returned while running Gemm node. Name:'a' Status Message: bfc_arena.cc:376 void* " +
  "onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 1239482368";

const began = (gib: number) => ({ bytes: gib * GiB, tooLarge: false });

test("a run that goes on keeps the memory that it began with, as far as it is there", () => {
  const two = mainMemory(2 * GiB);
  expect(passMemory("auto", null, two)).toEqual({ bytes: Math.floor(1.2 * GiB), warning: null });
  expect(passMemory("auto", began(1.5), two)).toEqual({ bytes: 1.5 * GiB, warning: null });
  expect(passMemory("auto", began(1), mainMemory(64 * GiB))).toEqual({ bytes: GiB, warning: null });
  const less = passMemory("auto", began(2.5), two);
  expect(less.bytes).toBe(Math.floor(1.2 * GiB));
  expect(less.warning).toMatch(
    /^the run began with 2\.5 GiB for its passes, and there is room for 2\.0 GiB now: it goes on with 1\.2 GiB, /,
  );
  // What the configuration names is not questioned.
  expect(passMemory(300, began(2.5), two)).toEqual({ bytes: 300 * 2 ** 20, warning: null });
});

test("a run whose passes a GPU did not hold goes on with half, and keeps to that", () => {
  const gpu = { available: 8 * GiB, budget: 6 * GiB };
  const failed = { bytes: 4 * GiB, tooLarge: true };
  for (const setting of ["auto", 4096] as const) {
    const next = passMemory(setting, failed, gpu);
    expect(next.bytes).toBe(2 * GiB);
    expect(next.warning).toMatch(
      /^the GPU's memory did not hold passes of 4\.0 GiB: the run goes on with 2\.0 GiB, so /,
    );
    expect(passMemory(setting, began(2), gpu)).toEqual({ bytes: 2 * GiB, warning: null });
  }
});

test("the passes of a run's last start, and whether they were too large, stand in its events", () => {
  const time = "2026-11-27T08:00:00.000Z";
  const started = (n: number, passMemory: number): RunEvent => ({
    n,
    time,
    type: "started",
    step: 0,
    steps: 9,
    device: "cuda:0",
    deviceReason: "",
    resumed: n > 0,
    passMemory,
  });
  const lost = new DeviceLostError({ kind: "cuda", index: 0 }, outOfMemory);
  const failed: RunEvent = { n: 1, time, type: "failed", step: 0, message: lost.message };
  expect(earlierPasses([])).toBeNull();
  expect(earlierPasses([started(0, GiB)])).toEqual({ bytes: GiB, tooLarge: false });
  expect(earlierPasses([started(0, GiB), failed])).toEqual({ bytes: GiB, tooLarge: true });
  expect(earlierPasses([started(0, GiB), failed, started(2, GiB / 2)])).toEqual({
    bytes: GiB / 2,
    tooLarge: false,
  });
});

test("a run whose machine has other memory now goes on with passes of the same size", async () => {
  const { paths, config } = await tinyRun(temporaryFolder(), { training: { steps: 2 } });
  expect(await runTrainer(paths.folder)).toBe(0);
  const bytes = earlierPasses(readEvents(paths.events))!.bytes;
  expect(bytes).toBeGreaterThan(2 ** 20);
  // As if it had begun where hardly any memory was free.
  const lines = readFileSync(paths.events, "utf8");
  writeFileSync(paths.events, lines.replace(`"passMemory":${bytes}`, '"passMemory":1000'));
  const run = await openRun(paths, config);
  await run.close();
  expect(run.passMemory).toEqual({ bytes: 1000, warning: null });
});
