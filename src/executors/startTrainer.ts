import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { clearAllControl, type RunPaths } from "../protocol/runFolder";
import { programFile } from "../util/programs";
import { trainerEnvironment } from "../util/trainerEnvironment";

/** A trainer that was started. */
export interface StartedTrainer {
  child: ChildProcess;
  /** Bytes of log.txt before this start. */
  logStart: number;
}

export interface StartOptions {
  /** The processor to compute on; null for the run's own. */
  device?: string | null;
  /** Added to the environment of this process. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * Starts the trainer of a run folder as a process of its own that outlives this one: in its own session, with its output
 * appended to log.txt. It goes on from the last checkpoint. Requests that were made to an earlier trainer are taken away.
 */
export function startTrainer(
  paths: RunPaths,
  { device = null, environment = {} }: StartOptions = {},
): StartedTrainer {
  clearAllControl(paths);
  const log = openSync(paths.log, "a");
  try {
    const logStart = fstatSync(log).size;
    const args = [programFile("trainer.js"), paths.folder];
    if (device !== null) args.push("--device", device);
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...trainerEnvironment(), ...environment },
      windowsHide: true,
    });
    return { child, logStart };
  } finally {
    closeSync(log);
  }
}
