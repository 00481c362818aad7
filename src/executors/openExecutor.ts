import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type ExecutorSettings, executorSchema } from "../protocol/executor";
import type { Executor } from "./executor";
import { localExecutor } from "./local";
import { queueFolder } from "./queueStore";
import { slurmExecutor } from "./slurm";
import { notTakenBack, wasGiven } from "./slurmRecord";

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

/** An executor that may hold some runs. */
export interface Holder {
  executor: Executor;
  /** Whether it may hold one of the runs that others did not have, as far as that is known without asking it. */
  mayHold: (others: ReadonlySet<string>) => boolean;
}

/**
 * What may hold some of the runs, whatever the experiment asks for now: the queue beside them, and Slurm where it was given one of
 * them by this experiment or by another, whose runs are the same. This experiment's own record of Slurm's jobs counts also where it
 * cannot be read, since it may name them; that of another does not.
 */
export function openHolders(runs: readonly string[], places: ExecutorPlaces): Holder[] {
  const local = openExecutor(executorSchema.parse({ kind: "local" }), places);
  const holders: Holder[] = [{ executor: local, mayHold: () => true }];
  const all = dirname(places.folder);
  const others = (existsSync(all) ? readdirSync(all) : []).map((name) => join(all, name));
  for (const folder of new Set([places.folder, ...others])) {
    const file = recordIn(folder);
    if (!(wasGiven(file, runs) ?? folder === places.folder)) continue;
    holders.push({
      executor: openExecutor(executorSchema.parse({ kind: "slurm" }), { ...places, folder }),
      // One that cannot be read may tell of any.
      mayHold: (others) =>
        notTakenBack(file, runs)?.some((run) => !others.has(resolve(run))) ?? true,
    });
  }
  return holders;
}

/** The file that remembers Slurm's jobs of an experiment. */
function recordIn(folder: string): string {
  return join(folder, "slurm.json");
}
