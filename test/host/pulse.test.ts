import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPulse } from "../../src/host/runs/pulse";
import { staleSeconds } from "../../src/protocol/heartbeat";
import type { Status } from "../../src/protocol/status";
import { processStart } from "../../src/util/processStart";
import { temporaryFolder } from "../support/temporaryFolder";

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
  const lock = join(temporaryFolder(), "lock");
  const hold = (holder: string, pid = process.pid): void =>
    writeFileSync(lock, JSON.stringify({ ...running({ pid }), nonce: holder }));
  if (nonce !== null) hold(nonce);
  const clock = { now: 0 };
  return { pulse: createPulse(lock, () => clock.now), clock, hold };
}

/** The id of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ["--version"]).pid;

test("a trainer lives by its id, start, nonce and heartbeat", async () => {
  const { pulse } = open();
  expect(await pulse.stateOf(running())).toBe("running");
  expect(await pulse.stateOf(running({ state: "paused" }))).toBe("paused");
  expect(await pulse.stateOf(running({ pid: ended() }))).toBe("interrupted");
  expect(await pulse.stateOf(running({ pid: null }))).toBe("interrupted");
  expect(await pulse.stateOf(running({ state: "failed", pid: null }))).toBe("failed");
});

test.runIf(process.platform === "linux")(
  "an id that is used again is another trainer",
  async () => {
    const { pulse } = open();
    expect(await pulse.stateOf(running({ processStart: "1" }))).toBe("interrupted");
  },
);

test("a run whose heart has not beaten for long is interrupted, though its process is there", async () => {
  // As in a copy of the folder of a run that is being trained.
  expect(await open().pulse.stateOf(running({ heartbeat: secondsAgo(60) }))).toBe("interrupted");
  const { pulse, clock } = open();
  const still = running();
  expect(await pulse.stateOf(still)).toBe("running");
  clock.now = staleSeconds;
  expect(await pulse.stateOf(still)).toBe("running");
  clock.now += 1;
  expect(await pulse.stateOf(still)).toBe("interrupted");
  expect(await pulse.stateOf(running({ heartbeat: secondsAgo(-1) }))).toBe("running");
});

test("neither a lid that was closed nor another machine's clock counts as death", async () => {
  // The status is an hour old, but on our clock, which stood still, it was seen to beat a moment ago.
  const { pulse } = open();
  await pulse.stateOf(running());
  expect(await pulse.stateOf(running({ heartbeat: secondsAgo(3600) }))).toBe("running");
  const other = open();
  const there = { host: "elsewhere", pid: 1, processStart: "x" };
  const late = (seconds: number) => running({ ...there, heartbeat: secondsAgo(seconds) });
  expect(await other.pulse.stateOf(late(600))).toBe("interrupted");
  expect(await other.pulse.stateOf(late(599))).toBe("running");
});

test("a lock of a later start says that the run is starting, until it says more itself", async () => {
  const { pulse, hold } = open(null);
  const stopped = running({ state: "stopped", pid: ended(), nonce: "old" });
  expect(await pulse.stateOf(stopped)).toBe("stopped");
  hold("new");
  expect(await pulse.stateOf(stopped)).toBe("starting");
  expect(await pulse.stateOf(running({ state: "created", pid: null, nonce: null }))).toBe(
    "starting",
  );
  expect(await pulse.stateOf(running({ nonce: "new" }))).toBe("running");
  hold("newest", ended());
  expect(await pulse.stateOf(stopped)).toBe("stopped");
  expect(await pulse.stateOf(running({ nonce: "new" }))).toBe("interrupted");
});
