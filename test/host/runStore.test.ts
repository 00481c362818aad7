import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { requestControl, runsFolder } from "../../src/protocol/runFolder";
import { type HostRun, isLive, isResumable } from "../../src/host/runs/hostRun";
import { openRunStore, type RunStore } from "../../src/host/runs/runStore";
import { writeRunEvents } from "../support/hostEvents";
import { openFiles } from "../support/openFiles";
import { startTrainer, tinyRun } from "../support/tinyRun";
import { watchTurns } from "../support/turns";
import { temporaryFolder } from "../support/temporaryFolder";

const stores: RunStore[] = [];
afterEach(() => stores.splice(0).forEach((store) => store.dispose()));

function open(...folders: string[]): RunStore {
  const store = openRunStore(200);
  stores.push(store);
  store.setFolders(folders);
  return store;
}

/** Waits until something holds of a run; at most half a minute. */
async function until(what: () => boolean | undefined): Promise<void> {
  for (const end = Date.now() + 30_000; !what();)
    if (Date.now() > end) throw new Error(`waited in vain for ${String(what)}`);
    else await new Promise((settle) => setTimeout(settle, 20));
}

describe("a run of the real trainer", () => {
  test("appears by itself, is followed while it is trained, paused and stopped, and goes on later", async () => {
    const folder = temporaryFolder();
    const store = open(runsFolder(join(folder, ".glad")));
    const { paths } = await tinyRun(folder, { training: { steps: 400, batchSize: 6 } });
    await until(() => store.runs.length === 1);
    const run = store.get(paths.folder)!;
    expect(run).toMatchObject({ state: "created", loaded: false });

    const first = startTrainer(paths.folder);
    // Beyond the first evaluation, which comes after five steps.
    await until(() => run.record.series.length > 5);
    expect(isLive(run)).toBe(true);
    if (process.platform === "linux") await until(() => openFiles(paths.events) > 0);
    requestControl(paths, "pause");
    await until(() => run.state === "paused");
    requestControl(paths, "continue");
    await until(() => run.state === "running");
    requestControl(paths, "stop");
    await first.ended;
    await until(() => run.state === "stopped");
    // Nobody trains it: its folder can be renamed or deleted on every system.
    await until(() => openFiles(paths.events) === 0);
    expect(isResumable(run)).toBe(true);
    expect(run.checkpoints[0]).toMatchObject({ step: run.status!.step });
    expect(run.checkpoints[0]!.size).toBeGreaterThan(1000);
    expect(run.best).toMatchObject({ label: "all" });

    const second = startTrainer(paths.folder);
    await until(() => run.record.resumes.length === 1 && run.state === "running");
    second.child.kill("SIGKILL");
    await second.ended;
    await until(() => run.state === "interrupted");
    expect(isResumable(run)).toBe(true);
  });

  test("is read whole by a store that comes later, moves and vanishes", async () => {
    const folder = temporaryFolder();
    const { paths } = await tinyRun(folder);
    await startTrainer(paths.folder).ended;
    const store = open(runsFolder(join(folder, ".glad")));
    await until(() => store.get(paths.folder)?.state === "finished");
    const run = store.get(paths.folder)!;
    // The accuracy of a finished run comes from its result; its events are read when somebody looks.
    const { loaded, best } = run;
    expect(loaded).toBe(false);
    expect(best).toMatchObject({ label: "all" });
    const follow = store.follow(run.id);
    await follow.ready;
    expect(run.loaded).toBe(true);
    expect(run.best).toEqual(best);
    expect(run.record.series.length).toBe(12);
    follow.dispose();

    const moved = `${paths.folder}-renamed`;
    renameSync(paths.folder, moved);
    await until(() => store.get(moved)?.state === "finished" && store.runs.length === 1);
    cpSync(moved, paths.folder, { recursive: true });
    await until(() => store.runs.length === 2);
    rmSync(moved, { recursive: true });
    await until(() => store.runs.length === 1);
    expect(existsSync(store.runs[0]!.id)).toBe(true);
  });
});

test("a folder that comes, goes and comes again, its runs torn and half deleted, is followed", async () => {
  const folder = temporaryFolder();
  const output = join(folder, ".glad");
  const store = open(runsFolder(output));
  await store.refresh();
  for (let round = 0; round < 2; round++) {
    const run = writeRunEvents(output, 10);
    await until(() => store.runs.length === 1);
    const follow = store.follow(run.folder);
    await follow.ready;
    const { record } = store.get(run.folder)!;
    expect(record.series.length).toBe(10);
    appendFileSync(run.events, run.step(11).slice(0, 100));
    await store.refresh();
    truncateSync(run.events, statSync(run.events).size - 100);
    appendFileSync(run.events, run.step(11));
    await until(() => record.series.length === 11);
    rmSync(run.status);
    utimesSync(run.config, 1e9, 1e9);
    await store.refresh();
    expect(store.get(run.folder)!.state).toBe("interrupted");
    rmSync(output, { recursive: true });
    await until(() => store.runs.length === 0);
    await follow.ready;
    follow.dispose();
  }
});

test.each(["running", "stopped", "failed"])(
  "a run that went on after a stop, and whose status then says %s, has the best of its events",
  async (state) => {
    const folder = temporaryFolder();
    const run = writeRunEvents(folder, 10);
    const status = JSON.parse(readFileSync(run.status, "utf8")) as object;
    writeFileSync(run.status, JSON.stringify({ ...status, state }));
    const evaluated = { n: 11, time: new Date(1.75e12).toISOString(), type: "evaluated", step: 10 };
    const all = { zeroShot: false, split: "all", correct: 3, total: 4, accuracy: 75 };
    appendFileSync(run.events, `${JSON.stringify({ ...evaluated, ...all })}\n`);
    // As the trainer left it when it was stopped before.
    const bestMeasured = { label: "all", accuracy: 50, step: 5 };
    writeFileSync(run.result, JSON.stringify({ step: 5, adapted: [], bestMeasured }));
    const store = open(runsFolder(folder));
    await until(() => (store.get(run.folder)?.best ?? null) !== null);
    expect(store.get(run.folder)!.best).toEqual({ label: "all", accuracy: 75, step: 10 });
  },
);

test("what was recorded is forgotten when other events take its place", async () => {
  const folder = temporaryFolder();
  const run = writeRunEvents(folder, 10);
  const store = open(runsFolder(folder));
  await until(() => store.get(run.folder) !== undefined);
  const follow = store.follow(run.folder);
  await follow.ready;
  const { record } = store.get(run.folder)!;
  const { rewrites } = record;
  writeRunEvents(folder, 3);
  await until(() => record.series.length === 3);
  expect(record.rewrites).toBeGreaterThan(rewrites);
  follow.dispose();
});

test("hears of a new event within 200 ms by the watcher", async () => {
  const folder = temporaryFolder();
  const run = writeRunEvents(folder, 10);
  const store = openRunStore(60_000);
  stores.push(store);
  store.setFolders([runsFolder(folder)]);
  await until(() => store.get(run.folder) !== undefined);
  const follow = store.follow(run.folder);
  await follow.ready;
  const heard = new Promise<number>((settle) => {
    store.onChange((changed: HostRun) => {
      if (changed.record.series.length === 11) settle(performance.now());
    });
  });
  // The watcher is set after the first look.
  await new Promise((settle) => setTimeout(settle, 100));
  const written = performance.now();
  appendFileSync(run.events, run.step(11));
  expect((await heard) - written).toBeLessThan(200);
  follow.dispose();
});

test("looks sooner at a run that somebody follows", async () => {
  const run = writeRunEvents(temporaryFolder(), 10);
  const store = openRunStore(60_000);
  stores.push(store);
  store.setFolders([dirname(run.folder)]);
  await until(() => store.get(run.folder) !== undefined);
  const follow = store.follow(run.folder);
  await follow.ready;
  await new Promise((settle) => setTimeout(settle, 100));
  const { series } = store.get(run.folder)!.record;
  let step = 10;
  /** Milliseconds to the second of two steps: the first is looked at at once. */
  const second = async (): Promise<number> => {
    await new Promise((settle) => setTimeout(settle, 600));
    appendFileSync(run.events, run.step(++step));
    await until(() => series.length === step);
    const written = performance.now();
    appendFileSync(run.events, run.step(++step));
    await until(() => series.length === step);
    return performance.now() - written;
  };
  const least = async (): Promise<number> => Math.min(await second(), await second());
  const followed = await least();
  follow.dispose();
  const other = await least();
  expect(followed).toBeLessThan(other);
});

test("100,000 steps are read without keeping others from their turn", async () => {
  const folder = temporaryFolder();
  const run = writeRunEvents(folder, 100_000);
  const store = openRunStore(60_000);
  stores.push(store);
  store.setFolders([runsFolder(folder)]);
  await until(() => store.get(run.folder) !== undefined);
  const turns = watchTurns();
  const started = performance.now();
  await store.follow(run.folder).ready;
  const seconds = (performance.now() - started) / 1000;
  const { cpu: longest } = turns.end();
  console.log(`100,000 steps in ${seconds.toFixed(2)} s, longest turn ${longest.toFixed(1)} ms`);
  expect(store.get(run.folder)!.record.series.length).toBe(100_000);
  expect(longest).toBeLessThan(20);
});
