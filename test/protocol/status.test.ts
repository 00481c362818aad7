import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { runPaths } from "../../src/protocol/runFolder";
import { isAlive, readStatus, runState, type Status } from "../../src/protocol/status";
import { processStart } from "../../src/util/processStart";
import { temporaryFolder } from "../support/temporaryFolder";

const running = (change: Partial<Status> = {}): Status => ({
  state: "running",
  pid: process.pid,
  processStart: processStart(process.pid),
  host: hostname(),
  nonce: "n",
  heartbeat: new Date().toISOString(),
  step: 1,
  steps: 2,
  device: "cpu",
  reason: null,
  ...change,
});

test("a run is running while its process is there, whatever its heartbeat", () => {
  expect(runState(running())).toBe("running");
  expect(runState(running({ heartbeat: new Date(0).toISOString() }))).toBe("running");
  expect(runState(running({ host: null }))).toBe("running");
});

test("a run whose process is gone is interrupted, also when its id is used again", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  expect(runState(running({ pid }))).toBe("interrupted");
  expect(runState(running({ state: "paused", pid }))).toBe("interrupted");
  expect(runState(running({ processStart: "another" }))).toBe("interrupted");
  expect(runState(running({ pid: null }))).toBe("interrupted");
});

test("what has ended stays as it ended, and what was not started is created", () => {
  for (const state of ["created", "finished", "stopped", "failed"] as const)
    expect(runState(running({ state, pid: null }))).toBe(state);
});

test("a process of another machine is judged by its heartbeat", () => {
  const host = "elsewhere";
  expect(isAlive(running({ host, pid: 1, processStart: "x" }))).toBe(true);
  expect(isAlive(running({ host, heartbeat: new Date(Date.now() - 60_000).toISOString() }))).toBe(
    false,
  );
});

test("a zombie, which waits for its parent to hear of its end, runs no more", async () => {
  if (process.platform !== "linux") {
    console.log("skipped: zombies, because only Linux shows them in /proc");
    return;
  }
  // The shell becomes `sleep`, which never asks after its child.
  const parent = spawn("sh", ["-c", "sh -c 'echo $$; exec sleep 0.2' & exec sleep 20"]);
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(chunk.toString());
  expect(processStart(pid)).toMatch(/^\d+$/);
  const deadline = Date.now() + 5000;
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) {
    expect(Date.now()).toBeLessThan(deadline);
    await new Promise((settle) => setTimeout(settle, 20));
  }
  expect(processStart(pid)).toBeNull();
  parent.kill("SIGKILL");
});

test("a status that cannot be read is none", () => {
  const paths = runPaths(temporaryFolder());
  expect(readStatus(paths)).toBeNull();
  for (const text of ["", "{", '{"state":"dreaming"}']) {
    writeFileSync(paths.status, text);
    expect(readStatus(paths)).toBeNull();
  }
  writeFileSync(paths.status, JSON.stringify(running({ step: 7 })));
  expect(readStatus(paths)?.step).toBe(7);
});
