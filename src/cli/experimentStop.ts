import { standingOf } from "../executors/executor";
import { expandExperiment } from "../experiments/expand";
import { loadExperiment } from "../experiments/loadExperiment";
import { whileMaking } from "../experiments/makingLock";
import { recordOf, runsOf } from "../experiments/record";
import { tellShared } from "../experiments/sharedRuns";
import { foldersOf, holdersOf, tellWaiting } from "./experimentExecutor";

/** Takes back what waits of an experiment and stops what runs, wherever it was handed in. */
export async function stopExperiment(file: string): Promise<void> {
  const plan = expandExperiment(loadExperiment(file));
  const taken = new Set<string>();
  // Whoever is handing runs in finishes first: what is not there yet cannot be taken back.
  const record = await whileMaking(
    runsOf(plan),
    async () => {
      const record = recordOf(plan);
      const folders = foldersOf(record).filter((run) => standingOf(run).state !== "finished");
      for (const holder of holdersOf(record, folders))
        for (const run of await holder.cancel(folders)) taken.add(run);
      return record;
    },
    tellWaiting(),
  );
  process.stderr.write(
    taken.size === 0
      ? `${record.name} has no run that waits or is at work, so nothing is stopped\n`
      : `${record.name} stops; \`glad experiment run ${file}\` goes on with it\n`,
  );
  const shared = tellShared(taken, record);
  // The one answer to the command, which an editor shows as it is.
  if (shared !== null) process.stdout.write(`${shared}\n`);
}
