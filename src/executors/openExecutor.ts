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
 * them by this experiment or by another, whose runs are the same.
 */
export function openHolders(runs: readonly string[], places: ExecutorPlaces): Executor[] {
  const all = dirname(places.folder);
  const folders = existsSync(all) ? readdirSync(all).map((name) => join(all, name)) : [];
  return [
    openExecutor(executorSchema.parse({ kind: "local" }), places),
    ...folders
      .filter((folder) => names(recordIn(folder), runs))
      .map((folder) =>
        openExecutor(executorSchema.parse({ kind: "slurm" }), { ...places, folder }),
      ),
  ];
}

/** The file that remembers Slurm's jobs of an experiment. */
function recordIn(folder: string): string {
  return join(folder, "slurm.json");
}
