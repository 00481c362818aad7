import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { localExecutor } from "../../src/executors/local";
import { queuePaths } from "../../src/executors/queueStore";
import { queueHolder } from "../../src/executors/runQueue";
import { expandExperiment } from "../../src/experiments/expand";
import { loadExperiment } from "../../src/experiments/loadExperiment";
import { whileMaking } from "../../src/experiments/makingLock";
import { readRecord, runsOf } from "../../src/experiments/record";
import { localExecutorSchema } from "../../src/protocol/executor";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { createRun } from "../../src/train/createRun";
import { glad, startGlad } from "../support/glad";
import { startCluster, type TestCluster } from "../support/slurm";
import { slurm, stepOf, until } from "../support/slurmRuns";
import { writeTinyClip } from "../support/tinyClip";
import { writePictures } from "../support/tinyRun";

let folder: string;
let cluster: TestCluster | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  await writeTinyClip(join(folder, "clip"));
  await writePictures(join(folder, "balls"), 2);
  const started = await startCluster(2);
  if (typeof started === "string") console.log(`skipped: stopping on Slurm (${started})`);
  else cluster = started;
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes an experiment of two runs that never end by themselves. */
function experiment(output: string, executor: object, change: object = {}): string {
  const content = {
    name: output,
    protocol: "few-shot",
    datasets: [{ root: "balls" }],
    shots: [2],
    seeds: [1],
    methods: ["lora", "glad"],
    config: {
      model: "clip",
      output,
      training: { steps: 1_000_000, batchSize: 4 },
      device: "cpu",
      threads: 1,
    },
    executor,
    ...change,
  };
  const file = join(folder, `${content.name}.experiment.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const local = { kind: "local", parallel: 1 };

/** The folders of an experiment's runs, which lie below a folder of its own name. */
function foldersOf(name: string): string[] {
  const { cells, runs } = readRecord(join(folder, name, "experiments", name, "experiment.json"))!;
  return cells.map(({ run }) => join(runs, run!));
}

const stateOf = (run: string) => readStatus(runPaths(run))!.state;

test(
  "runs of the queue stop after the file asks for Slurm, which need not be there",
  { timeout: 120_000 },
  async () => {
    const file = experiment("queue", local);
    expect(await glad(folder, "experiment", "run", file, "--detach")).toMatchObject({ code: 0 });
    const [first, second] = foldersOf("queue");
    await until(() => stepOf(first!) > 0, "a step");
    experiment("queue", { kind: "slurm" });
    vi.stubEnv("PATH", "/nowhere");
    const stopped = await glad(folder, "experiment", "stop", file);
    expect(stopped.code).toBe(0);
    expect(stopped.stderr).toContain("queue stops; ");
    vi.unstubAllEnvs();
    await until(() => queueHolder(queuePaths(join(folder, "queue/queue"))) === null, "its end");
    expect([first!, second!].map(stateOf)).toEqual(["stopped", "created"]);
    expect((await glad(folder, "experiment", "stop", file)).stderr).toBe(
      "queue has no run that waits or is at work, so nothing is stopped\n",
    );
  },
);

test(
  "runs that are being made meanwhile are taken back as well",
  { timeout: 120_000 },
  async () => {
    const file = experiment("meanwhile", local);
    const plan = expandExperiment(loadExperiment(file));
    const stop = await whileMaking(runsOf(plan), async () => {
      const started = startGlad(folder, ["experiment", "stop", file]);
      await once(started.child.stderr, "data");
      const { paths } = await createRun(plan.cells[0]!.config);
      const settings = localExecutorSchema.parse(local);
      await localExecutor(settings, join(folder, "meanwhile/queue")).submit([paths.folder]);
      return started;
    });
    expect((await stop.ended).stderr).toMatch(
      /makes runs of an experiment here; .*\nmeanwhile stops;/,
    );
    await until(() => queueHolder(queuePaths(join(folder, "meanwhile/queue"))) === null, "its end");
  },
);

test(
  "runs of Slurm stop after the file asks for the queue",
  { timeout: 200_000 },
  async (context) => {
    if (cluster === null) return context.skip();
    vi.stubEnv("SLURM_CONF", cluster.conf);
    const file = experiment("cluster", { kind: "slurm" });
    expect(await glad(folder, "experiment", "run", file, "--detach")).toMatchObject({ code: 0 });
    const folders = foldersOf("cluster");
    await until(() => folders.every((run) => stepOf(run) > 0), "steps");
    experiment("cluster", local);
    const stopped = await glad(folder, "experiment", "stop", file);
    expect(stopped.code).toBe(0);
    expect(stopped.stderr).toContain("cluster stops; ");
    await until(() => folders.every((run) => stateOf(run) === "stopped"), "their end");
    await until(() => slurm("squeue", "--noheader") === "", "an empty queue");
  },
);

test("who stops runs of another experiment is told of it", { timeout: 120_000 }, async () => {
  const file = experiment("shared", local);
  expect(await glad(folder, "experiment", "run", file, "--detach")).toMatchObject({ code: 0 });
  const other = experiment("shared", local, { name: "other", methods: ["glad"] });
  expect(await glad(folder, "experiment", "run", other, "--detach")).toMatchObject({ code: 0 });
  const stopped = await glad(folder, "experiment", "stop", file);
  expect(stopped).toMatchObject({
    code: 0,
    stdout: `Of the 2 runs that stop, 1 is of other as well (\`glad experiment run ${other}\` goes on with it).\n`,
  });
  await until(() => queueHolder(queuePaths(join(folder, "shared/queue"))) === null, "its end");
});

test(
  "a record of Slurm's jobs that cannot be read is told of once the queue's runs are taken back",
  {
    timeout: 120_000,
  },
  async () => {
    const file = experiment("damaged", local);
    expect(await glad(folder, "experiment", "run", file, "--detach")).toMatchObject({ code: 0 });
    const record = join(folder, "damaged/experiments/damaged/slurm.json");
    writeFileSync(record, "{");
    const stopped = await glad(folder, "experiment", "stop", file);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(/slurm\.json: does not say which Slurm job a run belongs to; /);
    await until(() => queueHolder(queuePaths(join(folder, "damaged/queue"))) === null, "its end");
  },
);
