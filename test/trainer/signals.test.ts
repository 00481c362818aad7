import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import { grantLease } from "../../src/protocol/lease";
import {
  checkpointSteps,
  pendingControl,
  requestControl,
  type RunPaths,
} from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { temporaryFolder } from "../support/temporaryFolder";
import { repository, startTrainer, tinyRun } from "../support/tinyRun";

const long = { training: { steps: 100_000, batchSize: 6 }, evaluation: { zeroShot: false } };
const steps = (paths: RunPaths): number =>
  readEvents(paths.events).filter(({ type }) => type === "step").length;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((settle) => setTimeout(settle, 20));
}

test.each(["SIGTERM", "SIGINT"] as const)("%s stops with a checkpoint", async (signal) => {
  const { paths } = await tinyRun(temporaryFolder(), long);
  const { child, ended } = startTrainer(paths.folder);
  await until(() => steps(paths) > 1);
  child.kill(signal);
  expect(await ended).toEqual({ code: 130, signal: null, output: "" });
  const status = readStatus(paths)!;
  expect(status).toMatchObject({
    state: "stopped",
    reason: "stopped on request; it can be resumed",
  });
  expect(checkpointSteps(paths).at(-1)).toBe(status.step);
  expect(readEvents(paths.events).at(-1)).toMatchObject({ type: "stopped", step: status.step });
});

test.skipIf(process.platform === "win32")(
  "the time in which a trainer was suspended is none of its steps'",
  async () => {
    const { paths } = await tinyRun(temporaryFolder(), long);
    const { child, ended } = startTrainer(paths.folder);
    await until(() => steps(paths) > 1);
    child.kill("SIGSTOP");
    const before = steps(paths);
    await new Promise((settle) => setTimeout(settle, 12_000));
    child.kill("SIGCONT");
    await until(() => steps(paths) > before + 20);
    child.kill("SIGTERM");
    await ended;
    const made = readEvents(paths.events).flatMap((event) => (event.type === "step" ? event : []));
    const times = made.map(({ time }) => Date.parse(time));
    const gap = Math.max(...times.slice(1).map((time, i) => time - times[i]!));
    expect(gap).toBeGreaterThan(11_000);
    // What a busy machine may keep a thread from, of which it cannot be told apart.
    expect(Math.max(...made.map(({ seconds }) => seconds))).toBeLessThan(8);
    expect(Math.min(...made.map(({ seconds }) => seconds))).toBeGreaterThan(0);
  },
);

test.each(["running", "paused"] as const)(
  "a %s run whose lease runs out stops with a checkpoint",
  async (state) => {
    const { paths } = await tinyRun(temporaryFolder(), long);
    const { ended } = startTrainer(paths.folder);
    await until(() => steps(paths) > 1);
    if (state === "paused") {
      requestControl(paths, "pause");
      await until(() => readStatus(paths)?.state === "paused");
    }
    await grantLease(paths, 2 / 60);
    expect(await ended).toMatchObject({ code: 130, output: "" });
    const status = readStatus(paths)!;
    expect(status).toMatchObject({ state: "stopped" });
    expect(status.reason).toMatch(
      /^no window of the editor was open for .* \(glad.onWindowClose\)/,
    );
    expect(checkpointSteps(paths).at(-1)).toBe(status.step);
  },
);

test.each(["running", "paused"] as const)(
  "the trainer of a %s run ends when its folder is deleted, and the folder does not come back",
  async (state) => {
    // Without checkpoints on the way: one that is being written meanwhile is written to its end.
    const { paths } = await tinyRun(temporaryFolder(), { ...long, checkpoints: { every: 0 } });
    const { ended } = startTrainer(paths.folder);
    await until(() => steps(paths) > 1);
    if (state === "paused") {
      requestControl(paths, "pause");
      await until(() => readStatus(paths)?.state === "paused");
    }
    rmSync(paths.folder, { recursive: true, maxRetries: 9 });
    expect(await ended).toEqual({
      code: 2,
      signal: null,
      output: `${paths.folder}: was deleted or moved away while it was trained; its trainer has ended\n`,
    });
    expect(existsSync(paths.folder)).toBe(false);
  },
);

test("a trainer that another one has taken its run from writes nothing more", async () => {
  const { paths } = await tinyRun(temporaryFolder(), { ...long, checkpoints: { every: 0 } });
  const { child, ended } = startTrainer(paths.folder);
  await until(() => steps(paths) > 1);
  // So that nothing is being written when it is held up.
  requestControl(paths, "pause");
  await until(() => readStatus(paths)?.state === "paused");
  // As a machine that slept, while another one on the same disk saw no heartbeat and went on with the run. Somebody asks that
  // one to stop.
  child.kill("SIGSTOP");
  // Until it has taken effect.
  await new Promise((settle) => setTimeout(settle, 300));
  const holder = { pid: 77, processStart: null, host: "node-3", nonce: "theirs" };
  writeFileSync(paths.lock, JSON.stringify(holder));
  requestControl(paths, "stop");
  const files = [paths.events, paths.status];
  const written = (): unknown[] => [
    ...files.map((file) => readFileSync(file, "utf8")),
    checkpointSteps(paths),
  ];
  const before = written();
  child.kill("SIGCONT");
  const { code, output } = await ended;
  expect(code).toBe(2);
  expect(output).toMatch(/: process 77 on node-3 has taken this run over, .*\n$/);
  expect(written()).toEqual(before);
  expect(pendingControl(paths)).toEqual(["stop"]);
  expect(existsSync(paths.result)).toBe(false);
  expect(JSON.parse(readFileSync(paths.lock, "utf8"))).toEqual(holder);
});

test("without its parent, and with nobody to hear what it says, a trainer goes on to the end", async () => {
  const { paths } = await tinyRun(temporaryFolder());
  const program = join(repository, "dist/trainer.js");
  // The shell ends at once, and with it the other end of the trainer's output.
  const shell = spawnSync("sh", [
    "-c",
    '"$0" "$1" "$2" 2>&1 | : & exit 0',
    process.execPath,
    program,
    paths.folder,
  ]);
  expect(shell.status).toBe(0);
  await until(() => readStatus(paths)?.state === "finished");
  expect(checkpointSteps(paths).at(-1)).toBe(12);
});
