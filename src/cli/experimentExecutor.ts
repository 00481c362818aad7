import { dirname, join } from "node:path";
import type { Executor } from "../executors/executor";
import {
  type ExecutorPlaces,
  type Holder,
  openExecutor,
  openHolders,
} from "../executors/openExecutor";
import { recordFile } from "../experiments/recordFile";
import type { ExperimentRecord } from "../protocol/experimentRecord";

/** What carries out the runs of an experiment. */
export function executorOf(record: ExperimentRecord): Executor {
  return openExecutor(record.executor, placesOf(record));
}

/** What may hold these runs of an experiment: its file may have asked for another executor when they were handed in. */
export function holdersOf(record: ExperimentRecord, runs: readonly string[]): Holder[] {
  return openHolders(runs, placesOf(record));
}

function placesOf({ name, runs }: ExperimentRecord): ExecutorPlaces {
  return {
    output: dirname(runs),
    folder: dirname(recordFile(runs, name)),
    name,
    onWait: () =>
      process.stderr.write(
        "an earlier submission was cut off; Slurm is asked for its job for three minutes at most\n",
      ),
  };
}

/** The folders of the runs that are made. */
export function foldersOf({ runs, cells }: ExperimentRecord): string[] {
  return cells.flatMap(({ run }) => (run === null ? [] : join(runs, run)));
}

/** Says once that another process is waited for. */
export function tellWaiting(): (pid: number | null) => void {
  let told = false;
  return (pid) => {
    const who = pid === null ? "another process" : `process ${pid}`;
    if (!told)
      process.stderr.write(`${who} makes runs of an experiment here; this one goes on after it\n`);
    told = true;
  };
}
