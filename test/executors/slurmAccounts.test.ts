import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { follow } from "../../src/executors/executor";
import { slurmExecutor } from "../../src/executors/slurm";
import { readRecord } from "../../src/executors/slurmRecord";
import { slurmExecutorSchema } from "../../src/protocol/executor";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { startCluster, type TestCluster } from "../support/slurm";
import { slurm, states, stepOf, tinyRuns, until } from "../support/slurmRuns";
import { temporaryFolder } from "../support/temporaryFolder";

/** A cluster that keeps accounts in a real database, and whose controller forgets tasks two seconds after their end. */
let cluster: TestCluster | null = null;

beforeAll(async () => {
  const started = await startCluster(2, { accounts: true });
  if (typeof started === "string") console.log(`skipped: Slurm with accounts (${started})`);
  else cluster = started;
});
afterAll(() => cluster?.stop());
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Tasks of a job that the controller tells of. */
const queued = (job: string): string[] =>
  slurm("squeue", "--noheader", "--array", "--states=all", "--format=%i")
    .split("\n")
    .map((line) => line.trim())
    .filter((task) => task.startsWith(`${job}_`));

test("how tasks ended is told by the accounts once the controller has forgotten them, each on its own", async (context) => {
  if (cluster === null) return context.skip();
  vi.stubEnv("SLURM_CONF", cluster.conf);
  const folder = temporaryFolder();
  const runs = await tinyRuns(folder, 5, 100_000);
  const file = join(folder, "slurm.json");
  const options = { file, name: "glad", seconds: 0.2 };
  const executor = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm" }), options);
  // Slurm begins the second, and the trainer finds no run to train.
  rmSync(join(runs[1]!, "config.json"));
  await executor.submit(runs);
  const { job } = readRecord(file).jobs[0]!;
  await until(() => stepOf(runs[0]!) > 5 && stepOf(runs[2]!) > 5, "steps of two runs");
  process.kill(readStatus(runPaths(runs[0]!))!.pid!, "SIGKILL");
  await until(() => stepOf(runs[3]!) > 5, "steps of the next");
  await until(() => !queued(job!).includes(`${job}_0`), "the controller to forget the first");

  // It still knows the array's other tasks, and those are as they were.
  expect(queued(job!)).toEqual(expect.arrayContaining([`${job}_2`, `${job}_3`]));
  const [killed, , atWork, , waiting] = await executor.standings(runs);
  expect(killed).toMatchObject({
    state: "interrupted",
    settled: true,
    reason: `Slurm ended task ${job}_0: FAILED`,
  });
  expect(states([atWork!, waiting!])).toEqual(["running", "waiting"]);

  // Somebody takes back the whole job: two are at work and save a checkpoint, the last never began.
  slurm("scancel", job!);
  await until(() => queued(job!).length === 0, "the controller to forget the job");
  // The accounts are written to behind the controller's back; another window asks, which saw nothing of all this.
  const other = slurmExecutor(slurmExecutorSchema.parse({ kind: "slurm" }), options);
  const ended = await until(async () => {
    const standings = await other.standings(runs);
    return standings.every(({ settled }) => settled) ? standings : null;
  }, "the accounts");
  expect(states(ended)).toEqual(["interrupted", "failed", "stopped", "stopped", "stopped"]);
  expect(ended[1]!.reason).toBe(
    `Slurm ended task ${job}_1: FAILED before the trainer began; see slurm-${job}_1.out`,
  );
  expect(ended[4]!.reason).toBe("was taken back before it started");
  // What has ended can be handed in again.
  expect(await other.submit([runs[0]!])).toEqual([runs[0]]);
  const saved = stepOf(runs[0]!);
  await until(() => stepOf(runs[0]!) > saved, "further steps");
  await other.cancel([runs[0]!]);
  expect(states(await follow(other, [runs[0]!], { milliseconds: 50 }))).toEqual(["stopped"]);
}, 200_000);
