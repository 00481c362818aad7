import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { follow, type Standing } from "../../src/executors/executor";
import { localExecutor, queueStatus, startQueue, stopQueue } from "../../src/executors/local";
import { type Entry, queuePaths, readEntries } from "../../src/executors/queueStore";
import { queueHolder } from "../../src/executors/runQueue";
import type { LocalSettings } from "../../src/protocol/executor";
import { noteForcedEnd, unheeded } from "../../src/protocol/forcedEnd";
import { readEvents } from "../../src/protocol/readEvents";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { processStart } from "../../src/util/processStart";
import { createRun } from "../../src/train/createRun";
import { hasSwiftShader, swiftShader } from "../runtime/builtProbe";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyConfig, tinyRun } from "../support/tinyRun";
import { until } from "../support/until";

const settings: LocalSettings = { kind: "local", parallel: 2, retries: 1 };
let folder: string;
let queue: string;

beforeEach(() => {
  folder = temporaryFolder();
  queue = join(folder, ".glad/queue");
  // The slots of this machine lie in the system's temporary folder; those of other tests are none of ours.
  vi.stubEnv("TMPDIR", folder);
});

afterEach(async () => {
  // The folder is removed next: what still works in it is ended first.
  const paths = queuePaths(queue);
  const holder = queueHolder(paths);
  if (holder !== null) await kill(holder.pid);
  for (const { trainer } of readEntries(paths)) if (trainer !== null) await kill(trainer.pid);
  vi.unstubAllEnvs();
});

async function kill(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
  await until(() => processStart(pid) === null, `the end of process ${pid}`);
}

/** Tiny runs that share a model and pictures. */
async function tinyRuns(count: number, change = {}): Promise<string[]> {
  const first = await tinyRun(folder, { name: "run-0", ...change });
  const runs = [first.paths.folder];
  for (let i = 1; i < count; i++)
    runs.push((await createRun(tinyConfig(folder, { name: `run-${i}`, ...change }))).paths.folder);
  return runs;
}

const states = (standings: Standing[]): string[] => standings.map(({ state }) => state);
const entryOf = (run: string): Entry =>
  readEntries(queuePaths(queue)).find((entry) => entry.run === run)!;
const adapter = (run: string): Buffer =>
  readFileSync(join(run, "checkpoints/step-000012/adapter_model.safetensors"));
/** By its events, since a status is a moment behind. */
const stepsOf = (run: string): number =>
  readEvents(runPaths(run).events).filter(({ type }) => type === "step").length;
/** When a run was first started, and when it last ended, in milliseconds. */
function life(run: string): [number, number] {
  const events = readEvents(runPaths(run).events);
  return [Date.parse(events[0]!.time), Date.parse(readStatus(runPaths(run))!.heartbeat)];
}

test("runs go two at a time in their order; one that fails does not stop the others", async () => {
  const runs = await tinyRuns(5);
  writeFileSync(runPaths(runs[1]!).split, "");
  const executor = localExecutor(settings, queue);
  expect(await executor.submit(runs)).toEqual(runs);
  // What is held is not taken twice.
  expect(await executor.submit(runs)).toEqual([]);
  const told: string[] = [];
  const ended = await follow(executor, runs, {
    tell: ({ folder: run, state }) => told.push(`${basename(run).slice(-5)} ${state}`),
    milliseconds: 20,
  });
  expect(states(ended)).toEqual(["finished", "failed", "finished", "finished", "finished"]);
  expect(ended[1]!.reason).toMatch(/split\.jsonl/);
  expect(told.slice(0, 5).join()).toMatch(/run-4 waiting/);
  // In order, and never more than two at once.
  const lives = [0, 2, 3, 4].map((i) => life(runs[i]!));
  const starts = lives.map(([start]) => start);
  // Of two that are started one right after the other, the second may be the first to say so.
  starts.forEach((start, i) => expect(starts[i + 1] ?? Infinity).toBeGreaterThan(start - 500));
  for (const [start] of lives)
    expect(lives.filter(([from, to]) => from <= start && start < to).length).toBeLessThan(3);
  await until(() => queueHolder(queuePaths(queue)) === null, "the queue's end");
  // Finished runs are left out, a failed one may try again.
  expect(await executor.submit(runs)).toEqual([runs[1]]);
  expect(states(await follow(executor, runs, { milliseconds: 20 }))).toEqual(states(ended));
});

test("a killed queue is taken up again, its trainers go on; a killed trainer is resumed, but not for ever", async () => {
  const change = { training: { steps: 12, batchSize: 6 }, checkpoints: { every: 3 } };
  const runs = await tinyRuns(4, change);
  const paths = queuePaths(queue);
  const executor = localExecutor(settings, queue);
  await executor.submit(runs);
  const holder = await until(() => queueHolder(paths), "the queue");
  const first = await until(() => entryOf(runs[0]!).trainer, "the first trainer");
  expect(executor.idle()).toBeNull();
  await kill(holder.pid);
  expect(processStart(first.pid)).not.toBeNull();
  expect(executor.idle()).toBe("Nobody works on the queue: its process has ended");
  await executor.resume();
  expect(executor.idle()).toBeNull();
  const second = await until(() => queueHolder(paths), "the second queue");
  expect(second.pid).not.toBe(holder.pid);
  // A trainer of the first queue, watched by the second, dies.
  const victim = runs[2]!;
  await until(() => stepsOf(victim) > 4, "steps of the third run");
  await kill(entryOf(victim).trainer!.pid);
  const ended = await follow(executor, runs, { milliseconds: 20 });
  expect(states(ended)).toEqual(["finished", "finished", "finished", "finished"]);
  expect(entryOf(victim).attempts).toBe(2);
  expect(readEvents(runPaths(victim).events).filter(({ type }) => type === "started")).toHaveLength(
    2,
  );
  // The same seed: whoever was killed has the bytes of who was not.
  for (const run of runs) expect(adapter(run)).toEqual(adapter(runs[0]!));
  expect(entryOf(runs[0]!).trainer).toBeNull();

  const [doomed] = await tinyRuns(1, { training: { steps: 5000, batchSize: 6 } });
  await localExecutor({ ...settings, retries: 1 }, queue).submit([doomed!]);
  for (const attempt of [1, 2]) {
    const { pid } = (
      (await until(() => {
        const entry = entryOf(doomed!);
        return entry.attempts === attempt && entry.trainer !== null && entry;
      }, `attempt ${attempt}`)) as Entry
    ).trainer!;
    await kill(pid);
  }
  const [dead] = await follow(executor, [doomed!], { milliseconds: 20 });
  expect(dead).toMatchObject({ state: "interrupted", settled: true });
  expect(dead!.reason).toMatch(/died 2 times/);
});

test("a run whose trainer somebody ended by force was stopped, and is not started again", async () => {
  const [run] = await tinyRuns(1, { training: { steps: 5000, batchSize: 6 } });
  const paths = runPaths(run!);
  const executor = localExecutor(settings, queue);
  await executor.submit([run!]);
  await until(() => stepsOf(run!) > 1, "steps");
  const status = readStatus(paths)!;
  process.kill(status.pid!, "SIGKILL");
  noteForcedEnd(paths, status, unheeded);
  const [ended] = await follow(executor, [run!], { milliseconds: 20 });
  expect(ended).toMatchObject({ state: "stopped", settled: true });
  expect(ended!.reason).toMatch(/did not answer and was ended by force/);
  expect(entryOf(run!)).toMatchObject({ state: "done", attempts: 1 });
});

test("a stopped queue keeps its runs and goes on with them; a run that is taken back is not started", async () => {
  const runs = await tinyRuns(3, { training: { steps: 400, batchSize: 6 } });
  const executor = localExecutor({ ...settings, parallel: 1 }, queue);
  await executor.submit(runs);
  await until(() => stepsOf(runs[0]!) > 0, "a step");
  await stopQueue(queue);
  await until(() => queueHolder(queuePaths(queue)) === null, "the queue's end");
  expect(readStatus(runPaths(runs[0]!))!.state).toBe("stopped");
  expect(states(await executor.standings(runs))).toEqual(["waiting", "waiting", "waiting"]);
  expect(executor.idle()).toBe("Nobody works on the queue: it was stopped");
  // Following it does not start it against the user's will.
  await executor.resume();
  expect(queueHolder(queuePaths(queue))).toBeNull();
  expect(await executor.cancel([runs[1]!])).toEqual([runs[1]]);
  expect(states(await executor.standings(runs))).toEqual(["waiting", "stopped", "waiting"]);
  const before = stepsOf(runs[0]!);
  await startQueue(queue);
  await until(() => stepsOf(runs[0]!) > before, "the resumed run");
  // The second was taken back before.
  expect(await executor.cancel(runs)).toEqual([runs[0], runs[2]]);
  const ended = await follow(executor, runs, { milliseconds: 20 });
  expect(states(ended)).toEqual(["stopped", "stopped", "stopped"]);
  expect(await executor.cancel(runs)).toEqual([]);
  expect(ended[2]!.reason).toMatch(/taken back/);
  expect(readStatus(runPaths(runs[2]!))!.state).toBe("created");
});

test("a run that is taken back and handed in again at once stops first, then goes on", async () => {
  const change = { training: { steps: 200, batchSize: 6 } };
  const runs = await tinyRuns(2, change);
  const executor = localExecutor({ ...settings, parallel: 1 }, queue);
  for (const moment of ["at once", "after a step"]) {
    await executor.submit(runs);
    if (moment !== "at once") await until(() => stepsOf(runs[0]!) > 0, "a step");
    await executor.cancel(runs);
    expect(await executor.submit(runs)).toEqual(runs);
    // What was handed in again is held, and told once.
    expect(await executor.submit(runs)).toEqual([]);
    expect(queueStatus(queue).standings).toHaveLength(2);
  }
  const ended = await follow(executor, runs, { milliseconds: 20 });
  expect(states(ended)).toEqual(["finished", "finished"]);
  for (const run of runs) {
    const steps = readEvents(runPaths(run).events).flatMap((event) =>
      event.type === "step" ? event.step : [],
    );
    expect(steps).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  }
});

test("two queues on one machine share its places, and two processes of one queue are one", async () => {
  const runs = await tinyRuns(4);
  const other = join(folder, "other/queue");
  const one = { ...settings, parallel: 1 };
  const executors = [localExecutor(one, queue), localExecutor(one, other)];
  await Promise.all([
    executors[0]!.submit(runs.slice(0, 2)),
    executors[0]!.resume(),
    executors[1]!.submit(runs.slice(2)),
  ]);
  const ended = await Promise.all([
    follow(executors[0]!, runs.slice(0, 2), { milliseconds: 20 }),
    follow(executors[1]!, runs.slice(2), { milliseconds: 20 }),
  ]);
  expect(states(ended.flat())).toEqual(Array(4).fill("finished"));
  const lives = runs.map(life).sort(([a], [b]) => a - b);
  for (let i = 1; i < 4; i++) expect(lives[i]![0]).toBeGreaterThanOrEqual(lives[i - 1]![1]);
  await until(() => queueHolder(queuePaths(other)) === null, "the other queue's end");
});

test.runIf(hasSwiftShader("runs on a GPU emulated in software"))(
  "runs on a GPU have it to themselves, whichever queue they wait in; the processor's go on beside them",
  async () => {
    vi.stubEnv("VK_DRIVER_FILES", swiftShader);
    const short = { training: { steps: 1, batchSize: 2 }, evaluation: { zeroShot: false } };
    const onGpu = await tinyRuns(2, { ...short, device: "webgpu" });
    const change = { name: "cpu", training: { steps: 200, batchSize: 6 } };
    const beside = (await createRun(tinyConfig(folder, change))).paths.folder;
    const other = join(folder, "other/queue");
    const auto: LocalSettings = { ...settings, parallel: "auto" };
    const executors = [localExecutor(auto, queue), localExecutor(auto, other)];
    const handed = [[onGpu[0]!, beside], [onGpu[1]!]];
    await Promise.all(executors.map((executor, i) => executor.submit(handed[i]!)));
    const ended = await Promise.all(
      executors.map((executor, i) => follow(executor, handed[i]!, { milliseconds: 20 })),
    );
    expect(states(ended.flat())).toEqual(Array(3).fill("finished"));
    const devices = onGpu.map((run) => readStatus(runPaths(run))!.device);
    for (const device of devices) expect(device).toMatch(/webgpu/i);
    const lives = onGpu.map(life).sort(([a], [b]) => a - b);
    expect(lives[1]![0]).toBeGreaterThanOrEqual(lives[0]![1]);
    const [start, end] = life(beside);
    expect(lives.some(([from, to]) => from < end && start < to)).toBe(true);
    await until(() => queueHolder(queuePaths(other)) === null, "the other queue's end");
  },
  // Half a minute on two processors that have nothing else to do.
  240_000,
);

test("a run that is deleted while it is trained ends alone, and says so", async () => {
  const long = { training: { steps: 100_000, batchSize: 6 }, checkpoints: { every: 0 } };
  const [deleted] = await tinyRuns(1, long);
  const others = await tinyRuns(2);
  // Nobody named a number, so what those at work still need decides whether others may start.
  const executor = localExecutor({ ...settings, parallel: "auto" }, queue);
  await executor.submit([deleted!]);
  await until(() => stepsOf(deleted!) > 0, "the first step");
  const { pid } = entryOf(deleted!).trainer!;
  process.kill(pid, "SIGSTOP");
  await new Promise((settle) => setTimeout(settle, 100));
  rmSync(deleted!, { recursive: true });
  await executor.submit(others);
  const ended = await follow(executor, others, { milliseconds: 20 });
  expect(states(ended)).toEqual(["finished", "finished"]);
  process.kill(pid, "SIGCONT");
  await until(() => queueHolder(queuePaths(queue)) === null, "the queue's end");
  expect(await executor.standings([deleted!])).toMatchObject([
    { state: "failed", reason: "its folder was deleted or moved away", settled: true },
  ]);
});

test("a run whose folder is gone ends as failed", async () => {
  const [run] = await tinyRuns(1);
  rmSync(run!, { recursive: true });
  const executor = localExecutor(settings, queue);
  await executor.submit([run!]);
  const [ended] = await follow(executor, [run!], { milliseconds: 20 });
  expect(ended).toMatchObject({ state: "failed", settled: true });
  expect(ended!.reason).toBe("its folder was deleted or moved away");
});
