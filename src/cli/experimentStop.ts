import { standingOf } from "../executors/executor";
import { takeBack, type TakenBack } from "../executors/takeBack";
import { expandExperiment, type Plan } from "../experiments/expand";
import { loadExperiment } from "../experiments/loadExperiment";
import { whileMaking } from "../experiments/makingLock";
import { readRecord, recordOf, runsOf } from "../experiments/record";
import { recordFile } from "../experiments/recordFile";
import { sharedRuns, tellShared } from "../experiments/sharedRuns";
import { takenName } from "../experiments/takenName";
import { recordsOfFile } from "../experiments/writtenPlace";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import { UserError } from "../util/errors";
import { foldersOf, holdersOf, tellWaiting } from "./experimentExecutor";

/** Takes back what waits of an experiment and stops what runs, wherever it was handed in. */
export async function stopExperiment(file: string, { json = false } = {}): Promise<void> {
  const { runs, look } = subjectOf(file);
  // Whoever is handing runs in finishes first: what is not there yet cannot be taken back.
  const { record, back } = await whileMaking(
    runs,
    async () => {
      const record = look();
      const folders = new Set(foldersOf(record));
      const open = [...folders].filter((run) => standingOf(run).state !== "finished");
      return { record, back: await takeBack(open, holdersOf(record, open)) };
    },
    tellWaiting(),
  );
  const shared = sharedRuns(back.runs, record);
  if (json) process.stdout.write(`${JSON.stringify({ stopped: back.runs.size, shared })}\n`);
  else tell(file, record.name, back, tellShared(back.runs.size, shared));
  if (back.failed.length > 0) throw new UserError(back.failed.join("\n"));
}

function tell(file: string, name: string, back: TakenBack, shared: string | null): void {
  const { runs, failed, unasked } = back;
  if (runs.size > 0) say(`${name} stops; \`glad experiment run ${file}\` goes on with it`);
  else if (failed.length === 0)
    say(`${name} has no run that waits or is at work, so nothing is stopped`);
  if (shared !== null) process.stdout.write(`${shared}\n`);
  for (const why of unasked)
    say(
      `not asked of Slurm, which was given runs of it that were taken back or handed in elsewhere: ${why}`,
    );
}

/** What is to be stopped. */
interface Subject {
  /** The folder of the run folders. */
  runs: string;
  /** The experiment with all its runs, as it stands now. */
  look: () => ExperimentRecord;
}

/**
 * The runs that a file asks for now, and those that were made of it when its runs were handed in last: it may have been edited since.
 * Where it cannot be read, the latter alone.
 */
function subjectOf(file: string): Subject {
  let plan: Plan;
  try {
    plan = expandExperiment(loadExperiment(file));
  } catch (error) {
    const records = error instanceof UserError ? recordsOfFile(file) : [];
    const [first] = records;
    if (first === undefined) throw error;
    say(
      `${(error as UserError).message}\nthe file cannot be read, so the runs that were handed in of it before are stopped`,
    );
    return { runs: first.runs, look: () => joined([first, ...records, ...recordsOfFile(file)]) };
  }
  const runs = runsOf(plan);
  const recorded = (): ExperimentRecord | null =>
    // The record of another experiment of the same name is none of this one's.
    takenName(plan) === null ? readRecord(recordFile(runs, plan.experiment.name)) : null;
  return { runs, look: () => joined([recordOf(plan), recorded() ?? []].flat()) };
}

/** The first of some records with the runs of all. */
function joined(records: readonly ExperimentRecord[]): ExperimentRecord {
  return { ...records[0]!, cells: records.flatMap(({ cells }) => cells) };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
