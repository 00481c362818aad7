import { execFileSync } from "node:child_process";
import type { Standing } from "../../src/executors/executor";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { createRun } from "../../src/train/createRun";
import { tinyConfig, tinyRun } from "./tinyRun";
import { until as untilWithin } from "./until";

export const states = (standings: Standing[]): string[] => standings.map(({ state }) => state);
export const stepOf = (run: string): number => readStatus(runPaths(run))?.step ?? 0;
/** What one of Slurm's commands prints. */
export const slurm = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8" });

/** Slurm's scheduler works in turns of a second, and on a busy machine a trainer takes long to begin. */
export const until = <T>(condition: () => T | Promise<T>, what: string) =>
  untilWithin(condition, what, 90);

/** Tiny runs with a common model and pictures. */
export async function tinyRuns(folder: string, count: number, steps: number): Promise<string[]> {
  const change = {
    training: { steps, batchSize: 6 },
    evaluation: { every: 0 },
    checkpoints: { every: 20 },
  };
  const runs = [(await tinyRun(folder, { name: "run-0", ...change })).paths.folder];
  for (let i = 1; i < count; i++)
    runs.push((await createRun(tinyConfig(folder, { name: `run-${i}`, ...change }))).paths.folder);
  return runs;
}
