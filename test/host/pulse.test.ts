import { spawnSync } from "node:child_process";
import { realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createPulse } from "../../src/host/runs/pulse";
import { staleSeconds } from "../../src/protocol/heartbeat";
import { runPaths } from "../../src/protocol/runFolder";
import type { Status } from "../../src/protocol/status";
import { processStart } from "../../src/util/processStart";
import { temporaryFolder } from "../support/temporaryFolder";

afterEach(() => void vi.useRealTimers());

const secondsAgo = (seconds: number): string => new Date(Date.now() - 1000 * seconds).toISOString();

/** The status of this process, as if it trained. */
const running = (change: Partial<Status> = {}): Status => ({
  state: "running",
  pid: process.pid,
  processStart: processStart(process.pid),
  host: hostname(),
  nonce: "n",
  heartbeat: secondsAgo(0),
  step: 1,
  steps: 2,
  device: "cpu",
  reason: null,
  ...change,
});

/** A pulse with a lock of this process, and a clock that is set by hand (seconds). */
function open(nonce: string | null = "n") {
  const paths = runPaths(realpathSync(temporaryFolder()));
  const hold = (holder: string, pid = process.pid, folder = paths.folder): void =>
    writeFileSync(paths.lock, JSON.stringify({ ...running({ pid }), nonce: holder, folder }));
  if (nonce !== null) hold(nonce);
  const clock = { now: 0 };
  const pulse = createPulse(paths, () => clock.now);
  const stateOf = async (status: Status): Promise<string> => (await pulse.stateOf(status)).state;
  return { pulse, stateOf, clock, hold, paths };
}

/** The id of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ["--version"]).pid;

test("a trainer lives by its id, start, nonce and heartbeat", async () => {
  const { stateOf } = open();
  expect(await stateOf(running())).toBe("running");
  expect(await stateOf(running({ state: "paused" }))).toBe("paused");
  expect(await stateOf(running({ pid: ended() }))).toBe("interrupted");
  expect(await stateOf(running({ pid: null }))).toBe("interrupted");
  expect(await stateOf(running({ state: "failed", pid: null }))).toBe("failed");
});

test.runIf(process.platform === "linux")(
  "an id that is used again is another trainer",
  async () => {
    const { stateOf } = open();
    expect(await stateOf(running({ processStart: "1" }))).toBe("interrupted");
  },
);

test("a trainer on this machine that gives no sign of life hangs: its run stays live", async () => {
  const { pulse, clock } = open();
  const still = running();
  expect(await pulse.stateOf(still)).toEqual({ state: "running", silent: null });
  clock.now = staleSeconds;
  expect(await pulse.stateOf(still)).toEqual({ state: "running", silent: null });
  clock.now += 1.5;
  expect(await pulse.stateOf(still)).toEqual({ state: "running", silent: 31 });
  const beating = running({ heartbeat: secondsAgo(-1) });
  expect(await pulse.stateOf(beating)).toEqual({ state: "running", silent: null });
  clock.now += 40;
  const gone = { ...beating, pid: ended() };
  expect(await pulse.stateOf(gone)).toEqual({ state: "interrupted", silent: null });
});

test("a window that opens later finds a hanging trainer by the time in its status", async () => {
  // What its own clock says is compared with the time of day.
  vi.useFakeTimers({ toFake: ["Date"] });
  const { pulse, paths, clock } = open();
  const hanging = running({ state: "paused", heartbeat: secondsAgo(60) });
  expect(await pulse.stateOf(hanging)).toEqual({ state: "paused", silent: 60 });
  const link = join(temporaryFolder(), "link");
  symlinkSync(paths.folder, link);
  const linked = createPulse(runPaths(link), () => clock.now);
  expect(await linked.stateOf(hanging)).toEqual({ state: "paused", silent: 60 });
});

test("where a run's folder is, which the disk is waited for, is asked of a silent trainer alone", async () => {
  const { stateOf, clock } = open();
  const asked = vi.spyOn(realpathSync, "native");
  const still = running();
  expect(await stateOf(still)).toBe("running");
  expect(asked).not.toHaveBeenCalled();
  clock.now = staleSeconds + 1;
  expect(await stateOf(still)).toBe("running");
  expect(asked).toHaveBeenCalled();
  asked.mockRestore();
});

test("the copy of a run that is being trained is no run whose trainer hangs", async () => {
  const { stateOf, hold, paths } = open();
  const copied = running({ heartbeat: secondsAgo(60) });
  hold("n", process.pid, join(paths.folder, "elsewhere"));
  expect(await stateOf(copied)).toBe("interrupted");
  // As a trainer of an earlier version locks.
  writeFileSync(paths.lock, JSON.stringify(running()));
  expect(await stateOf(copied)).toBe("interrupted");
  expect(await open(null).stateOf(copied)).toBe("interrupted");
});

test("neither a lid that was closed nor another machine's clock counts as death", async () => {
  // The status is an hour old, but on our clock, which stood still, it was seen to beat a moment ago.
  const { stateOf } = open();
  await stateOf(running());
  expect(await stateOf(running({ heartbeat: secondsAgo(3600) }))).toBe("running");
  const other = open();
  const there = { host: "elsewhere", pid: 1, processStart: "x" };
  const late = (seconds: number) => running({ ...there, heartbeat: secondsAgo(seconds) });
  expect(await other.stateOf(late(600))).toBe("interrupted");
  expect(await other.stateOf(late(599))).toBe("running");
});

test("a lock of a later start says that the run is starting, until it says more itself", async () => {
  const { stateOf, hold } = open(null);
  const stopped = running({ state: "stopped", pid: ended(), nonce: "old" });
  expect(await stateOf(stopped)).toBe("stopped");
  hold("new");
  expect(await stateOf(stopped)).toBe("starting");
  expect(await stateOf(running({ state: "created", pid: null, nonce: null }))).toBe("starting");
  expect(await stateOf(running({ nonce: "new" }))).toBe("running");
  hold("newest", ended());
  expect(await stateOf(stopped)).toBe("stopped");
  expect(await stateOf(running({ nonce: "new" }))).toBe("interrupted");
});
