import { join } from "node:path";
import type { ExecutorSettings } from "../protocol/executor";
import type { Executor } from "./executor";
import { localExecutor } from "./local";
import { queueFolder } from "./queueStore";
import { slurmExecutor } from "./slurm";

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
        file: join(places.folder, "slurm.json"),
        name: `glad-${places.name}`,
        ...(places.onWait && { onWait: places.onWait }),
      });
}
