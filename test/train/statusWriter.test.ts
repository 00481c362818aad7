import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { runPaths, type RunPaths } from "../../src/protocol/runFolder";
import { readStatus, type Status } from "../../src/protocol/status";
import { openStatus } from "../../src/train/statusWriter";
import { processStart } from "../../src/util/processStart";
import { fill, smallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/temporaryFolder";

const status: Status = {
  state: "starting",
  pid: process.pid,
  processStart: processStart(process.pid),
  host: hostname(),
  nonce: "n",
  heartbeat: new Date(0).toISOString(),
  step: 0,
  steps: 9,
  device: null,
  reason: null,
};

/** Takes the lock of a run, as its trainer does before it writes a status. */
const lock = (paths: RunPaths, nonce = "n"): void =>
  writeFileSync(paths.lock, JSON.stringify({ nonce }));

test("the heart beats while the main thread is busy for seconds, as the engine keeps it", async () => {
  const paths = runPaths(temporaryFolder());
  lock(paths);
  const writer = openStatus(paths, status);
  await writer.update({ state: "running", step: 3 });
  const beats = new Set<string>();
  const end = Date.now() + 3500;
  while (Date.now() < end) {
    // It is replaced as a whole, so whoever reads finds it whole at any moment.
    const found = readStatus(paths)!;
    expect(found).toMatchObject({ state: "running", step: 3, steps: 9, nonce: "n" });
    beats.add(found.heartbeat);
  }
  expect(beats.size).toBeGreaterThanOrEqual(3);
  await writer.close({ state: "finished", reason: "all steps were made" });
  expect(readStatus(paths)).toMatchObject({ state: "finished", reason: "all steps were made" });
  const last = readFileSync(paths.status, "utf8");
  await new Promise((settle) => setTimeout(settle, 1200));
  expect(readFileSync(paths.status, "utf8")).toBe(last);
  expect(readdirSync(paths.folder)).toEqual(["lock", "status.json"]);
});

test("a status with a nonce is written only while the run's lock has the same", async () => {
  const paths = runPaths(temporaryFolder());
  lock(paths, "mine");
  const writer = openStatus(paths, { ...status, nonce: "mine" });
  await writer.update({ step: 1 });
  expect(readStatus(paths)).toMatchObject({ nonce: "mine", step: 1 });
  lock(paths, "another's");
  await writer.update({ step: 2 });
  expect(readStatus(paths)).toMatchObject({ nonce: "mine", step: 1 });
  rmSync(paths.folder, { recursive: true });
  mkdirSync(paths.folder);
  await writer.update({ step: 3 });
  expect(readdirSync(paths.folder)).toEqual([]);
  await writer.abandon();
});

test("of quick steps the latest is written a few times a second", async () => {
  const paths = runPaths(temporaryFolder());
  lock(paths);
  const writer = openStatus(paths, status);
  await writer.update({ state: "running" });
  const began = performance.now();
  const seen = new Set<number>();
  let step = 0;
  while (performance.now() - began < 1500) {
    void writer.update({ step: ++step });
    await new Promise((settle) => setTimeout(settle, 5));
    seen.add(readStatus(paths)!.step);
  }
  expect(writer.step).toBe(step);
  expect(step).toBeGreaterThan(20);
  // Every 250 ms, by the heartbeat and at the beginning; on a slow machine less often.
  expect(seen.size).toBeGreaterThan(1);
  expect(seen.size).toBeLessThan(12);
  await writer.update({ state: "paused" });
  expect(readStatus(paths)).toMatchObject({ state: "paused", step });
  await writer.close({ state: "stopped" });
});

test("why a run ended is told also where the disk has no room for another file", async () => {
  const disk = smallDisk(64, "writing a status on a full disk");
  if (disk === null) return;
  const paths = runPaths(disk);
  lock(paths);
  const writer = openStatus(paths, status);
  await writer.update({ step: 1 });
  fill(disk);
  const reason = "the disk is full";
  await writer.close({ state: "failed", reason });
  expect(readStatus(paths)).toMatchObject({ state: "failed", step: 1, reason });
  expect(readdirSync(disk).sort()).toEqual(["filling", "lock", "status.json"]);
});

test("the clock of steps goes on where the heartbeat has ended", async () => {
  const paths = runPaths(temporaryFolder());
  lock(paths);
  const writer = openStatus(paths, status);
  await writer.update({ step: 1 });
  const before = writer.now();
  // As of a thread that died.
  await writer.abandon();
  const passed = writer.now() - before;
  expect(passed).toBeGreaterThan(0);
  expect(passed).toBeLessThan(5000);
});
