import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunPaths } from "../protocol/runFolder";
import { coreCount } from "../runtime/memory";
import { createRun } from "../train/createRun";
import { measureZeroShot } from "../train/measure";
import type { RunResult } from "../train/result";
import { type Accuracy, accuracyOf } from "./accuracy";
import { demoModelFolder } from "./demoModel";
import { demoConfig, type Method, methods } from "./methods";
import { drawTask } from "./task";
import { trainRuns, type TrainingProgress } from "./trainRuns";

export interface DemoOptions {
  /** The folder that will hold the run folders and the pictures, e.g. `.glad`. */
  output: string;
  /** Runs of each method, with seeds 1, 2, ... */
  seeds: number;
  /** Optimisation steps of each run. */
  steps: number;
  /** Photos of each class that are measured; of drawings half as many. */
  tests: number;
}

export interface DemoRunResult {
  method: Method;
  seed: number;
  paths: RunPaths;
  accuracy: Accuracy;
}

export interface DemoResult {
  zeroShot: Accuracy;
  /** In the order of methods, then seeds. */
  runs: DemoRunResult[];
}

/** What the demo tells while it goes on. */
export interface DemoPort {
  drawing(done: number, total: number): void;
  zeroShot(accuracy: Accuracy): void;
  training(progress: TrainingProgress): void;
  trained(result: DemoRunResult): void;
  stopAsked(): boolean;
}

/** Runs more than these at once would wait for memory, not for processors. */
const mostAtOnce = 4;

/**
 * The demo: draws its task, measures CLIP without adapters, and trains every method with every seed by ordinary runs.
 * The same options give the same accuracies on one machine, however many runs are made at once.
 */
export async function runDemo(options: DemoOptions, port: DemoPort): Promise<DemoResult> {
  const { output, seeds, steps, tests } = options;
  const folders = await drawTask(join(output, "demo"), tests, port.drawing.bind(port));
  const setting = { model: demoModelFolder(), folders, output, steps };
  const measured = await measureZeroShot(demoConfig(setting, methods[0]!, 1), () => undefined);
  const zeroShot = accuracyOf(measured.results);
  port.zeroShot(zeroShot);
  const runs = [];
  for (let seed = 1; seed <= seeds; seed++)
    for (const method of methods) {
      const { paths } = await createRun(demoConfig(setting, method, seed));
      runs.push({ method, seed, paths, steps, passes: method.alpha === 0 ? 1 : 2 });
    }
  const results: DemoRunResult[] = [];
  await trainRuns(runs, Math.min(coreCount(), mostAtOnce), {
    progress: (progress) => port.training(progress),
    stopAsked: () => port.stopAsked(),
    done({ method, seed, paths }) {
      const result = { method, seed, paths, accuracy: adapted(paths) };
      results.push(result);
      port.trained(result);
    },
  });
  const place = ({ method, seed }: DemoRunResult): number => methods.indexOf(method) * seeds + seed;
  return { zeroShot, runs: results.sort((a, b) => place(a) - place(b)) };
}

/** What the run itself measured at its end. */
function adapted({ result }: RunPaths): Accuracy {
  return accuracyOf((JSON.parse(readFileSync(result, "utf8")) as RunResult).adapted);
}
