import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createPulse } from "../../src/host/runs/pulse";
import { isAlive, readStatus, type Status } from "../../src/protocol/status";
import { processStart } from "../../src/util/processStart";
import {
  type Rung,
  stopPatience,
  type StopPort,
  stopPort,
  stopRun,
} from "../../src/host/runs/supervise";
import { clearAllControl, runPaths } from "../../src/protocol/runFolder";
import { temporaryFolder } from "../support/temporaryFolder";

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

/** A real process that ends when its control file appears, at SIGTERM, or only when it is killed. */
async function fakeTrainer(heeds: "request" | "signal" | "nothing", control: string) {
  const code = `
    process.on("SIGTERM", () => { if (${heeds === "signal"}) process.exit(0); });
    setInterval(() => { if (${heeds === "request"} && require("fs").existsSync(${JSON.stringify(control)})) process.exit(0); }, 20);
    console.log("ready");`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

function statusOf(pid: number): Status {
  return {
    state: "running",
    pid,
    processStart: processStart(pid),
    host: hostname(),
    nonce: "a",
    heartbeat: new Date().toISOString(),
    step: 3,
    steps: 10,
    device: "cpu",
    reason: null,
  };
}

/** The real port but for a clock that only waiting moves on, a minute for each second: a machine that is held up is not late. */
function quickPort(folder: string, status: Status): { port: StopPort; signals: string[] } {
  const signals: string[] = [];
  const real = stopPort(runPaths(folder));
  let now = Date.now();
  const port: StopPort = {
    ...real,
    status: () => status,
    signal(pid, name) {
      signals.push(name);
      real.signal(pid, name);
    },
    async sleep() {
      await new Promise((settle) => setTimeout(settle, 20));
      now += 60 * 20;
    },
    now: () => now,
  };
  return { port, signals };
}

describe.skipIf(process.platform === "win32")("stopping a run", () => {
  test("asks, and sends no signal where the trainer listens", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("request", join(folder, "control", "stop"));
    const { port, signals } = quickPort(folder, statusOf(child.pid!));
    const rungs: string[] = [];
    expect(await stopRun(port, { onRung: ({ name }) => rungs.push(name) })).toBe("stopped");
    expect([rungs, signals]).toEqual([["request"], []]);
  });

  test("signals a trainer that does not heed the request in time", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("signal", "");
    const { port, signals } = quickPort(folder, statusOf(child.pid!));
    const before = port.now();
    expect(await stopRun(port)).toBe("signalled");
    expect(port.now() - before).toBeGreaterThanOrEqual(1000 * stopPatience.request);
    expect(signals).toEqual(["SIGTERM"]);
    expect(existsSync(join(folder, "control", "stop"))).toBe(true);
  });

  test("ends a trainer that heeds nothing", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("nothing", "");
    const { port, signals } = quickPort(folder, statusOf(child.pid!));
    expect(await stopRun(port)).toBe("killed");
    expect(signals).toEqual(["SIGTERM", "SIGKILL"]);
    expect(isAlive(statusOf(child.pid!))).toBe(false);
  });

  test("has the folder say that a trainer was ended by force, which then is no interruption", async () => {
    const folder = temporaryFolder({ "checkpoints/step-000002/state.json": "" });
    const paths = runPaths(folder);
    const child = await fakeTrainer("nothing", "");
    const { port } = quickPort(folder, statusOf(child.pid!));
    const write = (): void => writeFileSync(paths.status, JSON.stringify(statusOf(child.pid!)));
    write();
    // A last heartbeat comes after the first word.
    const signal: StopPort["signal"] = (pid, name) => {
      port.signal(pid, name);
      if (name === "SIGKILL") setTimeout(write, 5);
    };
    await stopRun({ ...port, signal });
    const reason =
      "stopped on request: its trainer did not answer and was ended by force; the checkpoint of step 2 is kept, and resuming goes on from there";
    expect(readStatus(paths)).toMatchObject({ state: "stopped", step: 3, forced: true, reason });
    const pulse = createPulse(paths);
    expect(await pulse.stateOf(readStatus(paths)!)).toEqual({ state: "stopped", silent: null });
  });

  test("gives a trainer with long steps more time, and one that writes a checkpoint as long as it takes", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("nothing", "");
    const { port } = quickPort(folder, statusOf(child.pid!));
    const start = port.now();
    const times: Record<string, number> = {};
    const isSaving = (): boolean => port.now() - start < 200_000;
    const rungs: Rung[] = [];
    const onRung = (rung: Rung): void => {
      rungs.push(rung);
      times[rung.name] = port.now() - start;
    };
    await stopRun({ ...port, isSaving }, { stepSeconds: 20, onRung });
    expect(times.request).toBe(0);
    expect(times.signal).toBeGreaterThanOrEqual(200_000);
    expect(times.kill! - times.signal!).toBeGreaterThanOrEqual(60_000);
    expect(rungs).toEqual([
      { name: "request", next: "signal", seconds: 60 },
      { name: "signal", next: "kill", seconds: 60 },
      { name: "kill", next: null, seconds: 0 },
    ]);
  });

  test("knows a checkpoint that is being written from one that a dead trainer left behind", () => {
    const folder = temporaryFolder({ "checkpoints/.step-000003.9.partial/state.json": "" });
    const { isSaving } = stopPort(runPaths(folder));
    expect(isSaving()).toBe(true);
    const partial = join(folder, "checkpoints/.step-000003.9.partial");
    for (const path of [join(partial, "state.json"), partial]) utimesSync(path, 1e9, 1e9);
    expect(isSaving()).toBe(false);
    expect(stopPort(runPaths(temporaryFolder())).isSaving()).toBe(false);
  });

  test("from two windows sends one SIGTERM: a second one would end the trainer before it has saved", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("nothing", "");
    const status = statusOf(child.pid!);
    const windows = [quickPort(folder, status), quickPort(folder, status)];
    const ends = await Promise.all(windows.map(({ port }) => stopRun(port)));
    expect(ends).toContain("killed");
    const signals = windows.flatMap((window) => window.signals);
    expect(signals.filter((name) => name === "SIGTERM")).toHaveLength(1);
    clearAllControl(runPaths(folder));
    expect(readdirSync(join(folder, "control"))).toEqual([]);
  });

  test("has no SIGTERM on Windows", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("nothing", "");
    const { port, signals } = quickPort(folder, statusOf(child.pid!));
    const rungs: Rung[] = [];
    const onRung = (rung: Rung): void => void rungs.push(rung);
    expect(await stopRun({ ...port, platform: "win32" }, { onRung })).toBe("killed");
    expect(rungs[0]!.next).toBe("kill");
    expect(signals).toEqual(["SIGKILL"]);
  });

  test("sends nothing to a process that merely has the trainer's old id", async () => {
    const folder = temporaryFolder();
    const child = await fakeTrainer("nothing", "");
    const { port, signals } = quickPort(folder, { ...statusOf(child.pid!), processStart: "1" });
    expect(await stopRun(port)).toBe("gone");
    expect(signals).toEqual([]);
    expect(child.exitCode).toBeNull();
  });

  test("only asks a trainer on another machine", async () => {
    const folder = temporaryFolder();
    const status = { ...statusOf(process.pid), host: "another" };
    const { port, signals } = quickPort(folder, status);
    const rungs: Rung[] = [];
    expect(await stopRun(port, { onRung: (rung) => rungs.push(rung) })).toBe("elsewhere");
    expect(rungs).toEqual([{ name: "request", next: null, seconds: 30 }]);
    expect(signals).toEqual([]);
  });
});
