import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ExecutorSettings, executorSchema } from "../protocol/executor";
import type { Executor } from "./executor";
import { localExecutor } from "./local";
import { queueFolder } from "./queueStore";
import { slurmExecutor } from "./slurm";
import { names } from "./slurmRecord";

export interface ExecutorPlaces {
  /** The folder that holds the run folders' folder, e.g. `.glad`: its queue is used. */
  output: string;
  /** The experiment's own folder, which remembers Slurm's jobs. */
  folder: string;
  /** The experiment's name. */
  name: string;
  /** Hears that a submission to Slurm that was cut off is waited for. */
  onWait?: () => void;
}

/** The executor that an experiment asks for. */
export function openExecutor(settings: ExecutorSettings, places: ExecutorPlaces): Executor {
  return settings.kind === "local"
    ? localExecutor(settings, queueFolder(places.output))
    : slurmExecutor(settings, {
        file: recordIn(places.folder),
        name: `glad-${places.name}`,
        ...(places.onWait && { onWait: places.onWait }),
      });
}

/**
 * What may hold some of the runs, whatever the experiment asks for now: the queue beside them, and Slurm where it was given one of
 * them by this experiment or by another, whose runs are the same. One after the other, so that a record of Slurm's jobs which cannot
 * be read keeps nobody from the queue.
 */
export function* openHolders(
  runs: readonly string[],
  places: ExecutorPlaces,
): Generator<Executor, void> {
  yield openExecutor(executorSchema.parse({ kind: "local" }), places);
  const all = dirname(places.folder);
  for (const name of existsSync(all) ? readdirSync(all) : []) {
    const folder = join(all, name);
    if (names(recordIn(folder), runs))
      yield openExecutor(executorSchema.parse({ kind: "slurm" }), { ...places, folder });
  }
}

/** The file that remembers Slurm's jobs of an experiment. */
function recordIn(folder: string): string {
  return join(folder, "slurm.json");
}
