import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { addEntries, queuePaths, readEntries } from "../../src/executors/queueStore";
import { loadExperiment } from "../../src/experiments/loadExperiment";
import { expandExperiment } from "../../src/experiments/expand";
import { recordOf, writeRecord } from "../../src/experiments/record";
import { localExecutorSchema } from "../../src/protocol/executor";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import { processStart } from "../../src/util/processStart";
import { writeFiles } from "./temporaryFolder";

/** Writes an experiment's file, as it is before anything is made of it. */
export function writeExperiment(folder: string, name: string, change: object = {}): string {
  const content = { name, protocol: "few-shot", datasets: ["dtd"], methods: ["lora"], seeds: [1] };
  const file = join(folder, `${name}.experiment.json`);
  writeFileSync(file, JSON.stringify({ ...content, shots: [1], ...change }));
  return file;
}

/** The record of an experiment's file, as if its cells were these runs, of which there are folders. Its file is written, too. */
export async function recordRuns(file: string, runs: readonly string[]): Promise<ExperimentRecord> {
  const record = recordOf(expandExperiment(loadExperiment(file)));
  const cells = runs.map((run) => ({ ...record.cells[0]!, run }));
  for (const run of runs) mkdirSync(join(record.runs, run), { recursive: true });
  await writeRecord({ ...record, cells });
  return { ...record, cells };
}

/** A queue beside run folders that these runs wait in, and that this process says to work on, so that nobody else does. */
export function queueOf({ runs }: ExperimentRecord, waiting: readonly string[]) {
  const paths = queuePaths(join(dirname(runs), "queue"));
  const holder = { nonce: "n", pid: process.pid, processStart: processStart(process.pid) };
  addEntries(
    paths,
    waiting.map((run) => join(runs, run)),
    localExecutorSchema.parse({ kind: "local" }),
  );
  writeFileSync(paths.lock, JSON.stringify(holder));
  /** The runs that were taken back. */
  return (): string[] =>
    readEntries(paths).flatMap(({ run, cancelled }) =>
      cancelled ? run.slice(runs.length + 1) : [],
    );
}

/** Writes an experiment's record of Slurm's jobs: one with these runs, of which some were taken back. */
export function writeJob(
  { runs, name }: Pick<ExperimentRecord, "runs" | "name">,
  of: readonly string[],
  cancelled: readonly string[] = [],
): void {
  const folders = (ids: readonly string[]): string[] => ids.map((run) => join(runs, run));
  const job = { job: "12", script: "/s.sh", submitted: "2026-01-01T00:00:00Z" };
  writeFiles(join(dirname(runs), "experiments", name), {
    "slurm.json": JSON.stringify({
      jobs: [{ ...job, runs: folders(of), cancelled: folders(cancelled) }],
    }),
  });
}
