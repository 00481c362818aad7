import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { UserError } from "../util/errors";
import { findJob } from "./slurmCommands";

/** The file that remembers which run is which task of which job. It is written before a job is submitted, and after it. */

const recordSchema = z.object({
  /** Job arrays in the order of their submission; task i of a job is its i-th run. */
  jobs: z.array(
    z.object({
      /** Null until Slurm has given a number; a job whose submitter was killed then is found by its script. */
      job: z.string().nullable(),
      /** Of this job alone. */
      script: z.string(),
      submitted: z.string(),
      runs: z.array(z.string()),
      /** Runs of it that were taken back; Slurm soon forgets tasks that never began. */
      cancelled: z.array(z.string()),
    }),
  ),
});
export type SlurmRecord = z.output<typeof recordSchema>;
export type JobRecord = SlurmRecord["jobs"][number];

/** A task as the record knows it. */
export interface RecordedTask {
  job: string;
  /** "12_3": the job and the place in its array. */
  task: string;
  /** Whether it was taken back. */
  cancelled: boolean;
}

/** So long sbatch goes on trying to reach a busy controller, also when whoever called it was killed, in milliseconds. */
const underway = 180_000;

/** Reads the record; one that cannot be read is an error, because it may stand for jobs that are at work. */
export function readRecord(file: string): SlurmRecord {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { jobs: [] };
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError(
      `${file}: does not say which Slurm job a run belongs to; restore it, or remove it once \`squeue --me\` shows no job of this experiment`,
    );
  }
}

/** Changes the record. Who submits or takes back holds the lock of making runs; others write nothing. */
export function changeRecord(file: string, change: (record: SlurmRecord) => void): void {
  const record = readRecord(file);
  change(record);
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(beside, file);
}

/** Whether one of the runs was ever handed to Slurm by whoever writes this record; null where it cannot be read. */
export function wasGiven(file: string, runs: readonly string[]): boolean | null {
  const wanted = new Set(runs.map((run) => resolve(run)));
  const record = readIfSound(file);
  return record && record.jobs.some((job) => job.runs.some((run) => wanted.has(run)));
}

/** Those of the runs that were handed to Slurm and not taken back since; null where the record cannot be read. */
export function notTakenBack(file: string, runs: readonly string[]): string[] | null {
  const record = readIfSound(file);
  if (record === null) return null;
  return runs.filter((run) => {
    const job = record.jobs.findLast((each) => each.runs.includes(resolve(run)));
    return job !== undefined && !job.cancelled.includes(resolve(run));
  });
}

function readIfSound(file: string): SlurmRecord | null {
  try {
    return readRecord(file);
  } catch {
    return null;
  }
}

/** Notes the number that Slurm gave to the job of a script; null where it has none. */
export function noteNumber(file: string, script: string, job: string | null): void {
  changeRecord(file, (record) => {
    if (job === null) record.jobs = record.jobs.filter((each) => each.script !== script);
    for (const each of record.jobs) if (each.script === script) each.job = job;
  });
}

/** Notes that runs were taken back. */
export function noteCancelled(file: string, runs: ReadonlySet<string>): void {
  changeRecord(file, ({ jobs }) => {
    for (const job of jobs) job.cancelled.push(...job.runs.filter((run) => runs.has(run)));
  });
}

/** The record with the numbers of jobs that were never noted, as far as Slurm knows them now; nothing is written. */
export async function lookUp(file: string): Promise<SlurmRecord> {
  const record = readRecord(file);
  for (const each of record.jobs) each.job ??= await findJob(each.script);
  return record;
}

/**
 * Finds with Slurm each job whose number was never noted, or makes sure that there is none: sbatch may still be under way,
 * then `onWait` is told that it is waited for.
 */
export async function settle(file: string, onWait: () => void): Promise<void> {
  const start = Date.now();
  for (const { job, script, submitted } of readRecord(file).jobs) {
    if (job !== null) continue;
    // By another machine's clock it may lie in the future.
    const end = Math.min(Date.parse(submitted) || 0, start) + underway;
    for (let waited = false; ; waited = true) {
      const over = Date.now() > end;
      const found = await findJob(script);
      if (found !== null || over) {
        noteNumber(file, script, found);
        break;
      }
      if (!waited) onWait();
      await new Promise((settled) => setTimeout(settled, 1000));
    }
  }
}

/** The newest task of each of the wanted runs. */
export function newestTasks(
  { jobs }: SlurmRecord,
  wanted: ReadonlySet<string>,
): Map<string, RecordedTask> {
  const tasks = new Map<string, RecordedTask>();
  for (const { job, runs, cancelled } of jobs) {
    if (job === null) continue;
    runs.forEach((run, i) => {
      if (wanted.has(run))
        tasks.set(run, { job, task: `${job}_${i}`, cancelled: cancelled.includes(run) });
    });
  }
  return tasks;
}
