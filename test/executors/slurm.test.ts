import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { follow } from "../../src/executors/executor";
import { slurmExecutor } from "../../src/executors/slurm";
import { changeRecord, type JobRecord, readRecord } from "../../src/executors/slurmRecord";
import { readLines, sacctArguments, type TaskState } from "../../src/executors/slurmCommands";
import { slurmExecutorSchema } from "../../src/protocol/executor";
import { readEvents } from "../../src/protocol/readEvents";
import { checkpointSteps, runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { startCluster, type TestCluster } from "../support/slurm";
import { slurm, states, stepOf, tinyRuns, until } from "../support/slurmRuns";
import { temporaryFolder } from "../support/temporaryFolder";
import { repository } from "../support/tinyRun";

let cluster: TestCluster | null = null;

beforeAll(async () => {
  const started = await startCluster(2);
  if (typeof started === "string") console.log(`skipped: runs through Slurm (${started})`);
  else cluster = started;
});
afterAll(() => cluster?.stop());
afterEach(() => {
  vi.unstubAllEnvs();
});

const jobsOf = (file: string): JobRecord[] => readRecord(file).jobs;

/** Lets a task that was put back start soon: Slurm makes it wait for two minutes, which an administrator may shorten. */
async function bringForward(task: string): Promise<void> {
  const stateOf = (): string =>
    slurm("squeue", "--noheader", "--array", `--jobs=${task}`, "--format=%T").trim();
  await until(() => stateOf() === "PENDING", `task ${task} to be put back`);
  // The node refuses a start in the second in which it ended the task before.
  slurm("scontrol", "update", `JobId=${task}`, "StartTime=now+2");
  await until(() => stateOf() === "RUNNING", `task ${task} to start`);
}

/** A program that submits the runs that its arguments name, after the executor's file. */
function submitter(): string {
  const outfile = join(temporaryFolder(), "submit.cjs");
  buildSync({
    stdin: {
      contents: `
        import { slurmExecutor } from "./src/executors/slurm";
        import { slurmExecutorSchema } from "./src/protocol/executor";
        const [file, ...runs] = process.argv.slice(2);
        const settings = slurmExecutorSchema.parse({ kind: "slurm" });
        void slurmExecutor(settings, { file: file!, name: "glad" }).submit(runs);`,
      loader: "ts",
      resolveDir: repository,
    },
    outfile,
    bundle: true,
    platform: "node",
    define: { __dirname: JSON.stringify(join(repository, "dist")) },
    logLevel: "error",
  });
  return outfile;
}

test("six runs as an array: one is preempted and resumes to the same bytes, one is taken back, the others finish", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const folder = join(temporaryFolder(), "it's 100% mine");
  const runs = await tinyRuns(folder, 6, 250);
  const settings = slurmExecutorSchema.parse({
    kind: "slurm",
    partition: "usual",
    time: "10",
    extraLines: ["#SBATCH --comment='six runs'", 'echo "on $SLURMD_NODENAME"'],
  });
  const file = join(folder, "experiment/slurm.json");
  const options = { file, name: "glad-six runs", seconds: 0.2 };
  const executor = slurmExecutor(settings, options);
  expect(await executor.submit(runs)).toEqual(runs);
  expect(await executor.submit(runs)).toEqual([]);
  const [{ job, script }] = jobsOf(file) as [JobRecord];
  expect(states(await executor.standings(runs)).at(-1)).toBe("waiting");

  // The last waits while two are at work, and is taken back.
  await executor.cancel([runs[5]!]);
  await until(() => stepOf(runs[0]!) > 40 && stepOf(runs[1]!) > 40, "two runs at work");
  // Something more important comes and takes one of the two places.
  slurm("sbatch", "--partition=urgent", "--output=/dev/null", "--wrap=sleep 0.1");
  const victim = await until(
    () => runs.slice(0, 2).find((run) => readStatus(runPaths(run))?.state === "stopped"),
    "the preemption",
  );
  await until(async () => {
    const [standing] = await executor.standings([victim]);
    return standing!.state === "waiting";
  }, "its return to the queue");
  await bringForward(`${job}_${runs.indexOf(victim)}`);

  const seen = new Set<string>();
  // Another process follows: all it has is the file.
  const ended = await follow(slurmExecutor(settings, options), runs, {
    tell: ({ state }) => seen.add(state),
    milliseconds: 50,
  });
  expect(states(ended)).toEqual([...Array<string>(5).fill("finished"), "stopped"]);
  expect(ended[5]!.reason).toBe("was taken back before it started");
  expect([...seen]).toEqual(expect.arrayContaining(["running", "finished"]));
  const starts = (run: string) =>
    readEvents(runPaths(run).events).filter(({ type }) => type === "started").length;
  expect(runs.slice(0, 5).map(starts)).toEqual(
    runs.slice(0, 5).map((run) => (run === victim ? 2 : 1)),
  );
  const adapter = (run: string): Buffer =>
    readFileSync(join(run, "checkpoints/step-000250/adapter_model.safetensors"));
  for (const run of runs.slice(0, 5)) expect(adapter(run)).toEqual(adapter(runs[2]!));
  expect(readFileSync(join(folder, `experiment/slurm-${job}_2.out`), "utf8")).toMatch(/^on \w/);
  expect(readdirSync(join(folder, "experiment"))).toContain(basename(script));
  // Only the one that was taken back is handed in again.
  expect(await executor.submit(runs)).toEqual([runs[5]]);
  expect(states(await follow(executor, [runs[5]!], { milliseconds: 50 }))).toEqual(["finished"]);
  // Somebody puts a finished one back into the queue: it stays finished. One whose folder is gone says so.
  const stateOf = () => slurm("squeue", "--noheader", "--array", `--jobs=${job}_2`, "--format=%T");
  slurm("scontrol", "requeue", `${job}_2`);
  await until(() => stateOf().trim() === "PENDING", "its return to the queue");
  rmSync(runs[3]!, { recursive: true });
  await until(async () => {
    const standings = await executor.standings(runs.slice(2, 4));
    return (
      states(standings).join() === "finished,failed" && standings.every((each) => each.settled)
    );
  }, "how they stand");
  const [, gone] = await executor.standings(runs.slice(2, 4));
  expect(gone!.reason).toBe("its folder was deleted or moved away");
}, 300_000);

test("a running task that is taken back saves a checkpoint; one that dies is interrupted and says how", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const folder = temporaryFolder();
  const runs = await tinyRuns(folder, 2, 100_000);
  const executor = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm" }), {
    file: join(folder, "slurm.json"),
    name: "glad",
    seconds: 0.2,
  });
  await executor.submit(runs);
  await until(() => runs.every((run) => stepOf(run) > 5), "steps of both");
  expect(await executor.cancel([runs[0]!])).toEqual([runs[0]]);
  process.kill(readStatus(runPaths(runs[1]!))!.pid!, "SIGKILL");
  const ended = await follow(executor, runs, { milliseconds: 50 });
  expect(states(ended)).toEqual(["stopped", "interrupted"]);
  expect(ended[1]!.reason).toMatch(/^Slurm ended task \d+_1: FAILED$/);

  // Taken back and handed in again at once, a run stops first and then goes on.
  expect(await executor.submit([runs[0]!])).toEqual([runs[0]]);
  const saved = stepOf(runs[0]!);
  await until(() => stepOf(runs[0]!) > saved, "the next steps");
  await executor.cancel([runs[0]!]);
  expect(await executor.submit([runs[0]!])).toEqual([runs[0]]);
  expect(await executor.submit([runs[0]!])).toEqual([]);
  const starts = () =>
    readEvents(runPaths(runs[0]!).events).filter(({ type }) => type === "started").length;
  await until(() => starts() === 3, "the third start");
  await executor.cancel([runs[0]!]);
  expect(states(await follow(executor, [runs[0]!], { milliseconds: 50 }))).toEqual(["stopped"]);
}, 200_000);

test("a task that comes near its time limit saves a checkpoint and goes back to the queue", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder, 1, 100_000);
  const file = join(folder, "slurm.json");
  const options = { file, name: "glad", seconds: 0.2 };
  const executor = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm", time: "60" }), options);
  await executor.submit([run!]);
  await until(() => stepOf(run!) > 5, "steps");
  const jobs = jobsOf(file);
  // What Slurm does by itself a minute before the limit.
  slurm("scancel", "--batch", "--signal=USR1", `${jobs[0]!.job}_0`);
  await until(async () => {
    const [standing] = await executor.standings([run!]);
    return standing!.state === "waiting";
  }, "its return to the queue");
  expect(readStatus(runPaths(run!))!.state).toBe("stopped");
  const saved = stepOf(run!);
  expect(checkpointSteps(runPaths(run!))).toContain(saved);
  await bringForward(`${jobs[0]!.job}_0`);
  await until(() => stepOf(run!) > saved, "further steps");
  await executor.cancel([run!]);
  expect(states(await follow(executor, [run!], { milliseconds: 50 }))).toEqual(["stopped"]);
}, 200_000);

test("a waiting task that somebody takes back by scancel is no failure", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const folder = temporaryFolder();
  const runs = await tinyRuns(folder, 1, 10);
  const file = join(folder, "slurm.json");
  const later = { kind: "slurm", extraLines: ["#SBATCH --begin=now+1hour"] };
  const options = { file, name: "glad", seconds: 0 };
  const executor = slurmExecutor(slurmExecutorSchema.parse(later), options);
  await executor.submit(runs);
  expect(states(await executor.standings(runs))).toEqual(["waiting"]);
  expect(executor.idle()).toBeNull();
  const task = `${jobsOf(file)[0]!.job}_0`;
  slurm("scancel", task);
  const taken = async () => (await executor.standings(runs))[0]!;
  await until(async () => (await taken()).settled, "its end");
  // Without accounting Slurm does not say what became of it.
  expect(await taken()).toMatchObject({
    state: "stopped",
    reason: `Slurm ended task ${task} before it started, say by scancel`,
  });
  writeFileSync(join(folder, `slurm-${task}.out`), "node: not found");
  expect(await taken()).toMatchObject({
    state: "failed",
    reason: `Slurm ended task ${task} before the trainer began; see slurm-${task}.out`,
  });
});

const cutOff = "Socket timed out on send/recv operation";
test.for<[string, string, boolean]>([
  ["killed after Slurm took the job", '"$REAL_SBATCH" "$@"; kill -9 $PPID', true],
  ["killed while sbatch goes on", 'kill -9 $PPID; sleep 3; exec "$REAL_SBATCH" "$@"', true],
  ["killed before Slurm had the job", "kill -9 $PPID", false],
  ["told too late", `"$REAL_SBATCH" "$@" > /dev/null; echo ${cutOff} >&2; exit 1`, true],
  ["told in other words", '"$REAL_SBATCH" "$@" > /dev/null; echo Welcome', true],
])(
  "%s, a submission is neither lost nor made twice",
  { timeout: 200_000 },
  async ([, body, known], context) => {
    if (cluster === null) return context.skip();
    vi.stubEnv("SLURM_CONF", cluster.conf);
    const folder = join(temporaryFolder(), "it's 100% mine");
    const runs = await tinyRuns(folder, 2, 10);
    const file = join(folder, "experiment/slurm.json");
    const bin = temporaryFolder({ sbatch: `#!/bin/sh\n${body}\n` });
    chmodSync(join(bin, "sbatch"), 0o755);
    const real = slurm("which", "sbatch").trim();
    const { status } = spawnSync(process.execPath, [submitter(), file, ...runs], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, REAL_SBATCH: real },
    });
    expect(status).not.toBe(0);
    expect(jobsOf(file).map(({ job }) => job)).toEqual([null]);
    // What may still be under way is waited for; here the wait is over.
    if (!known)
      changeRecord(file, ({ jobs: [first] }) => {
        first!.submitted = new Date(Date.now() - 200_000).toISOString();
      });

    const settings = slurmExecutorSchema.parse({ kind: "slurm" });
    const executor = slurmExecutor(settings, { file, name: "glad", seconds: 0.2 });
    // Who only looks writes nothing.
    await executor.standings(runs);
    expect(jobsOf(file).map(({ job }) => job)).toEqual([null]);
    expect(await executor.submit(runs)).toEqual(known ? [] : runs);
    expect(jobsOf(file).map(({ job }) => job)).toEqual([expect.stringMatching(/^\d+$/)]);
    expect(states(await follow(executor, runs, { milliseconds: 50 }))).toEqual([
      "finished",
      "finished",
    ]);
    for (const run of runs)
      expect(
        readEvents(runPaths(run).events).filter(({ type }) => type === "started"),
      ).toHaveLength(1);
    const jobs = slurm("squeue", "--noheader", "--states=all", "--array", "--format=%o").split(
      "\n",
    );
    expect(jobs.filter((job) => job.startsWith(join(folder, "experiment")))).toHaveLength(2);
  },
);

test("what Slurm refuses is told in its words", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const folder = temporaryFolder();
  const settings = slurmExecutorSchema.parse({ kind: "slurm", partition: "nowhere" });
  const executor = slurmExecutor(settings, { file: join(folder, "slurm.json"), name: "glad" });
  await expect(executor.submit([join(folder, "run")])).rejects.toThrow(
    /slurm-1-[0-9a-f]{8}\.sh: Slurm refused the job: .*invalid partition specified: nowhere/i,
  );
  expect(jobsOf(join(folder, "slurm.json"))).toEqual([]);
});

test("without Slurm's commands the error says where to run this", async () => {
  const folder = temporaryFolder({ "bin/scontrol": "#!/bin/sh\n" });
  chmodSync(join(folder, "bin/scontrol"), 0o755);
  vi.stubEnv("PATH", join(folder, "bin"));
  const executor = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm" }), {
    file: join(folder, "slurm.json"),
    name: "glad",
  });
  await expect(executor.submit([join(folder, "run")])).rejects.toThrow(
    /^sbatch: not found; run this where Slurm's commands are, .* or set executor\.kind to "local"$/,
  );
});

test("a file of jobs that is damaged is not taken for an empty one", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "slurm.json"), "{");
  const executor = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm" }), {
    file: join(folder, "slurm.json"),
    name: "glad",
  });
  await expect(executor.standings([folder])).rejects.toThrow(/does not say which Slurm job/);
});

test("what sacct prints is read as it prints it", () => {
  // Slurm 22.05 with slurmdbd, of an array with a task that failed and of one that was taken back.
  const printed = [
    "1_0|COMPLETED|None",
    "1_1|FAILED|None",
    "1_2|COMPLETED|JobArrayTaskLimit",
    "2_0|CANCELLED by 0|None",
    "2_[1-3,7%1]|CANCELLED by 0|None",
  ];
  const states = new Map<string, TaskState>();
  readLines(printed.join("\n") + "\n", states);
  expect([...states].map(([task, { state }]) => `${task} ${state}`)).toEqual([
    "1_0 COMPLETED",
    "1_1 FAILED",
    "1_2 COMPLETED",
    ...[0, 1, 2, 3, 7].map((i) => `2_${i} CANCELLED`),
  ]);
});

test("sacct takes the arguments that it is given", (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  // This cluster keeps no accounts, and says so once it has understood what is asked.
  const { stderr } = spawnSync("sacct", [...sacctArguments, "--jobs=1"], { encoding: "utf8" });
  expect(stderr.trim()).toBe("Slurm accounting storage is disabled");
});
