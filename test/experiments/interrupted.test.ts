import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stopQueue } from "../../src/executors/local";
import { queuePaths } from "../../src/executors/queueStore";
import { queueHolder } from "../../src/executors/runQueue";
import { readEvents } from "../../src/protocol/readEvents";
import { runPaths } from "../../src/protocol/runFolder";
import { glad, startGlad } from "../support/glad";
import { writeTinyClip } from "../support/tinyClip";
import { writePictures } from "../support/tinyRun";
import { until } from "../support/until";

/** Whatever becomes of `glad experiment run`, no run is made or trained twice, and none is lost. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  await writeTinyClip(join(folder, "clip"));
  await writePictures(join(folder, "balls"), 2);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an experiment with five runs that keep everything below a folder of their own. */
function experiment(name: string): string {
  const file = join(folder, `${name}.experiment.json`);
  const content = {
    name,
    protocol: "few-shot",
    datasets: [{ root: "balls" }],
    shots: [2],
    seeds: [1, 2],
    methods: ["zero-shot", "lora", "glad"],
    config: {
      model: "clip",
      output: name,
      training: { steps: 6, batchSize: 4 },
      device: "cpu",
      threads: 1,
    },
    executor: { kind: "local", parallel: 2 },
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const runsOf = (name: string): string[] => {
  try {
    return readdirSync(join(folder, name, "runs")).sort();
  } catch {
    return [];
  }
};
const events = (name: string, run: string) =>
  readEvents(runPaths(join(folder, name, "runs", run)).events);

/** That each cell has one run, that was started once and made each step once. */
function expectOnce(name: string): void {
  const runs = runsOf(name);
  expect(runs).toHaveLength(5);
  for (const run of runs) {
    const steps = events(name, run).flatMap((event) => (event.type === "step" ? event.step : []));
    expect(steps).toEqual(run.includes("zero-shot") ? [] : [1, 2, 3, 4, 5, 6]);
  }
}

test("two commands at once make each run once", { timeout: 120_000 }, async () => {
  const file = experiment("twice");
  const both = await Promise.all([1, 2].map(() => glad(folder, "experiment", "run", file)));
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both[0]!.stdout).toBe(both[1]!.stdout);
  expect(both.filter(({ stderr }) => stderr.includes("5 runs made"))).toHaveLength(1);
  expectOnce("twice");
});

test("killed again and again, it goes on where it was", { timeout: 120_000 }, async () => {
  const file = experiment("killed");
  // First while it makes the runs, then while it waits for them, with the queue's process.
  for (const enough of [1, 3, 5]) {
    const { child, ended } = startGlad(folder, ["experiment", "run", file]);
    await until(() => runsOf("killed").length >= enough, `${enough} runs`);
    child.kill("SIGKILL");
    await ended;
  }
  const { child, ended } = startGlad(folder, ["experiment", "run", file]);
  await until(
    () => runsOf("killed").some((run) => events("killed", run).some((e) => e.type === "step")),
    "a first step",
  );
  const queue = queueHolder(queuePaths(join(folder, "killed/queue")));
  if (queue !== null) process.kill(queue.pid, "SIGKILL");
  child.kill("SIGKILL");
  await ended;
  const { code, stderr } = await glad(folder, "experiment", "run", file);
  expect(code).toBe(0);
  expect(stderr).not.toContain("made in");
  expectOnce("killed");
});

test("a run whose folder is gone is made again, and it alone", { timeout: 120_000 }, async () => {
  const file = experiment("gone");
  const first = await glad(folder, "experiment", "run", file);
  const before = runsOf("gone");
  const victim = before.find((run) => run.includes("seed2-glad"))!;
  rmSync(join(folder, "gone/runs", victim), { recursive: true });
  const status = await glad(folder, "experiment", "table", file);
  expect(status.stdout).toContain("1 of 5 runs has no result yet");
  const second = await glad(folder, "experiment", "run", file);
  expect(second.stderr).toContain("1 run made");
  expect(second.stderr).toContain("gone: 5 runs: 1 handed in, 4 finished before");
  expect(second.stdout).toBe(first.stdout);
  expect(runsOf("gone").filter((run) => before.includes(run))).toHaveLength(4);
  // The result alone, which the table is made of, may be damaged as well.
  const [other] = runsOf("gone").filter((run) => run.includes("seed1-lora"));
  writeFileSync(join(folder, "gone/runs", other!, "result.json"), "{");
  const third = await glad(folder, "experiment", "run", file);
  expect(third.stderr).toContain("1 run made");
  expect(third.stdout).toBe(first.stdout);
});

test("a stopped experiment goes on with what it had", { timeout: 120_000 }, async () => {
  const file = experiment("stopped");
  expect((await glad(folder, "experiment", "run", file, "--detach")).code).toBe(0);
  expect((await glad(folder, "experiment", "stop", file)).code).toBe(0);
  await stopQueue(join(folder, "stopped/queue"));
  const { code, stderr } = await glad(folder, "experiment", "run", file);
  expect(code).toBe(0);
  expect(stderr).not.toContain("made in");
  expectOnce("stopped");
  const record = readFileSync(join(folder, "stopped/experiments/stopped/experiment.json"), "utf8");
  expect(runsOf("stopped").filter((run) => !record.includes(run))).toEqual([]);
});
