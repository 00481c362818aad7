import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { slurmExecutor } from "../../src/executors/slurm";
import { askSlurm } from "../../src/executors/slurmStates";
import { slurmExecutorSchema } from "../../src/protocol/executor";
import { temporaryFolder, writeFiles } from "../support/temporaryFolder";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Commands of Slurm that say what a test lets them say, and remember that they were asked. */
function fakeSlurm() {
  const folder = temporaryFolder({ asked: "" });
  const say = (command: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, `${command}.txt`), lines.map((line) => `${line}\n`).join(""));
  for (const command of ["squeue", "sacct"]) {
    say(command, []);
    const script = join(folder, command);
    writeFileSync(
      script,
      `#!/bin/sh\ncd '${folder}'\necho ${command} >> asked\ncat ${command}.txt\n`,
    );
    chmodSync(script, 0o755);
  }
  vi.stubEnv("PATH", [folder, process.env.PATH].join(delimiter));
  /** How often each was asked since the last time. */
  const asked = (): { squeue: number; sacct: number } => {
    const all = readFileSync(join(folder, "asked"), "utf8").split("\n");
    writeFileSync(join(folder, "asked"), "");
    const count = (command: string): number => all.filter((each) => each === command).length;
    return { squeue: count("squeue"), sacct: count("sacct") };
  };
  return { say, asked };
}

const notOnWindows = test.skipIf(process.platform === "win32");

notOnWindows("the accounts are asked for a task until they know it, or for a minute", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { say, asked } = fakeSlurm();
  const ask = askSlurm(0);
  const later = (seconds: number): void => void vi.setSystemTime(Date.now() + 1000 * seconds);
  const tasks = ["1_0", "1_1"];
  expect((await ask(tasks, false)).size).toBe(0);
  later(5);
  // They are written with a delay.
  say("sacct", ["1_0|FAILED|None"]);
  expect(await ask(tasks, false)).toEqual(new Map([["1_0", { state: "FAILED", reason: "None" }]]));
  later(50);
  await ask(tasks, false);
  expect(asked()).toEqual({ squeue: 3, sacct: 3 });
  later(10);
  expect((await ask(tasks, false)).get("1_0")?.state).toBe("FAILED");
  expect(asked()).toEqual({ squeue: 1, sacct: 0 });
  // Put back into the queue, and forgotten anew.
  say("squeue", ["1_1|PENDING|None"]);
  await ask(tasks, false);
  say("squeue", []);
  say("sacct", ["1_1|COMPLETED|None"]);
  expect((await ask(tasks, false)).get("1_1")?.state).toBe("COMPLETED");
  expect(asked()).toEqual({ squeue: 2, sacct: 1 });
});

notOnWindows("the last answer tells of some of its tasks as well", async () => {
  const { say, asked } = fakeSlurm();
  say("squeue", ["1_0|RUNNING|None", "1_1|RUNNING|None"]);
  const ask = askSlurm(60_000);
  await ask(["1_0", "1_1"], false);
  expect((await ask(["1_1"], false)).get("1_1")?.state).toBe("RUNNING");
  expect(asked().squeue).toBe(1);
  await ask(["1_1", "1_2"], false);
  expect(asked().squeue).toBe(1);
});

notOnWindows("Slurm is not asked for runs that have finished", async () => {
  const { say, asked } = fakeSlurm();
  say("squeue", ["12_1|PENDING|Priority"]);
  const status = { pid: null, processStart: null, nonce: null, device: null, reason: null };
  const heartbeat = "2026-01-01T00:00:00Z";
  const folder = temporaryFolder();
  const runs = ["a", "b"].map((run) => join(folder, run));
  const job = { job: "12", script: "/s.sh", submitted: "2026-01-01T00:00:00Z", cancelled: [] };
  writeFiles(folder, {
    "a/status.json": JSON.stringify({ ...status, state: "finished", heartbeat, step: 1, steps: 1 }),
    "slurm.json": JSON.stringify({ jobs: [{ ...job, runs }] }),
  });
  const options = { file: join(folder, "slurm.json"), name: "glad", seconds: 0 };
  const executor = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm" }), options);
  expect(await executor.standings([runs[0]!])).toMatchObject([{ state: "finished" }]);
  expect(asked()).toEqual({ squeue: 0, sacct: 0 });
  const both = await executor.standings(runs);
  expect(both.map(({ state }) => state)).toEqual(["finished", "waiting"]);
  expect(asked()).toEqual({ squeue: 1, sacct: 0 });
});
