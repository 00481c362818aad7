import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { demoModelFolder } from "../../src/demo/demoModel";
import { drawTask } from "../../src/demo/task";
import { readRecord } from "../../src/experiments/record";
import { readEvents } from "../../src/protocol/readEvents";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { glad, startGlad } from "../support/glad";
import { startCluster, type TestCluster } from "../support/slurm";
import { until as untilWithin } from "../support/until";

let cluster: TestCluster | null = null;
let folder: string;
let photos: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  ({ photos } = await drawTask(join(folder, "world"), 2, () => undefined));
  const started = await startCluster(2);
  if (typeof started === "string") console.log(`skipped: an experiment on Slurm (${started})`);
  else cluster = started;
});
afterAll(async () => {
  await cluster?.stop();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Slurm's scheduler works in turns of a second, and on a busy machine a trainer takes long to begin. */
const until = <T>(condition: () => T | Promise<T>, what: string) =>
  untilWithin(condition, what, 90);
const slurm = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8" }).trim();

/** Six runs of the demo's CLIP on its drawn world, which keep everything below a folder of their own. */
function experiment(output: string, executor: object): string {
  const file = join(folder, `${output}.experiment.json`);
  const content = {
    name: "six",
    protocol: "few-shot",
    datasets: [{ root: photos }],
    shots: [2],
    seeds: [1, 2],
    methods: ["lora", "sam", "glad"],
    config: {
      model: demoModelFolder(),
      output,
      // They outlast the seconds until Slurm preempts one.
      training: { steps: 250, batchSize: 4 },
      // Runs that differ have other numbers in the table.
      optimizer: { learningRate: 0.02 },
      checkpoints: { every: 20 },
      device: "cpu",
      threads: 1,
    },
    executor,
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test("an experiment through Slurm, with a run preempted and another taken away, has the table of one done here", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const file = experiment("there", {
    kind: "slurm",
    partition: "usual",
    time: "30",
    gres: "card:1",
    account: "vision",
    extraLines: ["#SBATCH --comment=six"],
  });
  const handed = await glad(folder, "experiment", "run", file, "--detach");
  expect(handed.stderr).toContain("six: 6 runs: 6 handed in");
  const { cells, runs } = readRecord(join(folder, "there/experiments/six/experiment.json"))!;
  const folders = cells.map(({ run }) => join(runs, run!));
  const record = join(folder, "there/experiments/six/slurm.json");
  const { jobs } = JSON.parse(readFileSync(record, "utf8")) as { jobs: { job: string }[] };
  const job = jobs[0]!.job;
  expect(slurm("squeue", "--noheader", `--jobs=${job}`, "--format=%P %a %l")).toContain(
    "usual vision 30:00",
  );
  const asked = slurm("scontrol", "show", "job", `${job}_0`);
  expect(asked).toContain("Comment=six");
  expect(asked).toContain("gres:card:1");

  const stepOf = (run: string): number => readStatus(runPaths(run))?.step ?? 0;
  await until(() => folders.slice(0, 2).every((run) => stepOf(run) > 5), "two runs at work");
  slurm("scancel", `${job}_5`);
  slurm("sbatch", "--partition=urgent", "--output=/dev/null", "--wrap=sleep 0.1");
  const victim = await until(
    () => folders.slice(0, 2).find((run) => readStatus(runPaths(run))?.state === "stopped"),
    "the preemption",
  );
  const task = `${job}_${folders.indexOf(victim)}`;
  const stateOf = () => slurm("squeue", "--noheader", "--array", `--jobs=${task}`, "--format=%T");
  await until(() => stateOf() === "PENDING", "its return to the queue");
  // Slurm lets it wait for two minutes otherwise.
  slurm("scontrol", "update", `JobId=${task}`, "StartTime=now+2");
  // Whoever comes later watches what is at work, and hands in again what was taken away.
  const { stdout, code } = await startGlad(folder, ["experiment", "run", file]).ended;
  expect(code).toBe(0);
  const starts = (run: string) =>
    readEvents(runPaths(run).events).filter(({ type }) => type === "started").length;
  expect(folders.map(starts)).toEqual(folders.map((run) => (run === victim ? 2 : 1)));
  const local = experiment("here", { kind: "local", parallel: 2 });
  const here = await glad(folder, "experiment", "run", local);
  expect(here.code).toBe(0);
  expect(stdout).toBe(here.stdout);
  expect(stdout).toMatch(/LoRA +\d+\.\d\d±\d+\.\d\d/);
}, 400_000);
