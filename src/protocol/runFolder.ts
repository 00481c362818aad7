import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";

/** Where everything of a run lies; whoever writes or reads a run shares nothing but this folder. */
export interface RunPaths {
  folder: string;
  /** The frozen configuration with what it was resolved to. */
  config: string;
  /** Which images are train, val and test. */
  split: string;
  /** The adapter whose values the run starts from, where it starts from one. */
  init: string;
  status: string;
  events: string;
  /** Standard output and error of the trainer. */
  log: string;
  control: string;
  /** How long the run may go on without an editor's window; only where the user asked for that (`lease.ts`). */
  lease: string;
  checkpoints: string;
  /** Raw predictions of the zero-shot and the last evaluation. */
  predictions: string;
  result: string;
  lock: string;
}

/** The layout of a run folder. */
export function runPaths(folder: string): RunPaths {
  // Put in order once: the editor asks for hundreds of runs in a row.
  const inside = join(folder || ".", sep);
  return {
    folder,
    config: `${inside}config.json`,
    split: `${inside}split.jsonl`,
    init: `${inside}init`,
    status: `${inside}status.json`,
    events: `${inside}events.jsonl`,
    log: `${inside}log.txt`,
    control: `${inside}control`,
    lease: `${inside}lease.json`,
    checkpoints: `${inside}checkpoints`,
    predictions: `${inside}predictions`,
    result: `${inside}result.json`,
    lock: `${inside}lock`,
  };
}

/** The folder of all runs below a configuration's `output`. */
export function runsFolder(output: string): string {
  return join(output, "runs");
}

/** The file of a split's raw predictions, e.g. `adapted-base.jsonl`. Not every system takes a colon in a name. */
export function predictionsName(split: string, zeroShot: boolean): string {
  return `${zeroShot ? "zero-shot" : "adapted"}-${split.replaceAll(":", "-")}.jsonl`;
}

/** `step-000500`. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** The file in a checkpoint that somebody asked for: it stays until somebody deletes it. */
export const keepMark = "keep";

/** Whether a run's folder was deleted or moved away: its configuration is there from its making to its end. */
export function isDeleted({ config }: Pick<RunPaths, "config">): boolean {
  return !existsSync(config);
}

/** Steps of the complete checkpoints of a run, ascending. One that is being written has another name until it is whole. */
export function checkpointSteps(paths: RunPaths): number[] {
  if (!existsSync(paths.checkpoints)) return [];
  return readdirSync(paths.checkpoints)
    .flatMap((name) => /^step-(\d{6,})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** What can be asked of a running trainer. */
export const controlRequests = ["stop", "pause", "continue", "checkpoint", "evaluate"] as const;
export type ControlRequest = (typeof controlRequests)[number];

/**
 * Asks the trainer of a run for something; it looks between steps and takes the request away when it is done. Of a run whose folder
 * is gone there is nothing to ask.
 */
export function requestControl({ folder, control }: RunPaths, request: ControlRequest): void {
  if (!existsSync(folder)) return;
  // Not with what is above it: a folder that is being deleted must not come back.
  if (!existsSync(control)) mkdirSync(control);
  writeFileSync(join(control, request), "");
}

/** The requests that wait, in the order of `controlRequests`. */
export function pendingControl(paths: RunPaths): ControlRequest[] {
  let found: Set<string>;
  try {
    // One look at the folder: the loop asks between all steps.
    found = new Set(readdirSync(paths.control));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return controlRequests.filter((request) => found.has(request));
}

/** Takes a request away. */
export function clearControl(paths: RunPaths, request: ControlRequest): void {
  rmSync(join(paths.control, request), { force: true });
}

/** Whose SIGTERM a trainer got: a second one would end it before it has saved, so only who makes this file may send it. */
export function claimSignal({ control }: RunPaths, nonce: string): boolean {
  try {
    writeFileSync(join(control, `${claimPrefix}${nonce}`), "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Takes everything away that was asked of an earlier trainer. */
export function clearAllControl(paths: RunPaths): void {
  for (const request of controlRequests) clearControl(paths, request);
  if (!existsSync(paths.control)) return;
  const claims = readdirSync(paths.control).filter((name) => name.startsWith(claimPrefix));
  for (const claim of claims) rmSync(join(paths.control, claim), { force: true });
}

const claimPrefix = "sigterm-";
