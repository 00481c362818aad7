import { dirname, join } from "node:path";
import type { Executor } from "../executors/executor";
import { openExecutor } from "../executors/openExecutor";
import { recordFile } from "../experiments/recordFile";
import type { ExperimentRecord } from "../protocol/experimentRecord";

/** What carries out the runs of an experiment. */
export function executorOf({ name, executor, runs }: ExperimentRecord): Executor {
  return openExecutor(executor, {
    output: dirname(runs),
    folder: dirname(recordFile(runs, name)),
    name,
    onWait: () =>
      process.stderr.write(
        "an earlier submission was cut off; Slurm is asked for its job for three minutes at most\n",
      ),
  });
}

/** The folders of the runs that are made. */
export function foldersOf({ runs, cells }: ExperimentRecord): string[] {
  return cells.flatMap(({ run }) => (run === null ? [] : join(runs, run)));
}
