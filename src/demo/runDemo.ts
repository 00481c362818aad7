import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunPaths } from "../protocol/runFolder";
import { coreCount } from "../runtime/memory";
import { createRun } from "../train/createRun";
import type { RunResult } from "../train/result";
import { demoModelFolder } from "./demoModel";
import { type Accuracy, accuracyOf, type Meter, openMeter } from "./meter";
import { demoConfig, type Method, methods } from "./methods";
import { drawTask, type TaskFolders } from "./task";
import { trainRuns, type TrainingProgress } from "./trainRuns";

export interface DemoOptions {
  /** The folder that will hold the run folders and the pictures, e.g. `.glad`. */
  output: string;
  /** Runs of each method, with seeds 1, 2, ... */
  seeds: number;
  /** Optimisation steps of each run. */
  steps: number;
  /** Test pictures of each class and domain. */
  tests: number;
}

/** One model on both domains. */
export interface Measured {
  photos: Accuracy;
  drawings: Accuracy;
}

export interface DemoRunResult extends Measured {
  method: Method;
  seed: number;
  paths: RunPaths;
}

export interface DemoResult {
  zeroShot: Measured;
  /** In the order of methods, then seeds. */
  runs: DemoRunResult[];
}

/** What the demo tells while it goes on. */
export interface DemoPort {
  drawing(done: number, total: number): void;
  zeroShot(measured: Measured): void;
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
  const setting = { model: demoModelFolder(), photos: folders.photos, output, steps };
  const meters = await openMeters(folders, setting);
  try {
    const zeroShot: Measured = {
      photos: await meters.photos.measure(null),
      drawings: await meters.drawings.measure(null),
    };
    port.zeroShot(zeroShot);
    const planned = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
      methods.map((method) => ({ method, seed })),
    );
    const runs = [];
    for (const { method, seed } of planned) {
      const { paths } = await createRun(demoConfig(setting, method, seed));
      runs.push({ method, seed, paths, steps, passes: method.alpha === 0 ? 1 : 2 });
    }
    const results: DemoRunResult[] = [];
    await trainRuns(runs, Math.min(coreCount(), mostAtOnce), {
      progress: (progress) => port.training(progress),
      stopAsked: () => port.stopAsked(),
      async done({ method, seed, paths }) {
        const drawings = await meters.drawings.measure(paths);
        const result = { method, seed, paths, photos: photosOf(paths), drawings };
        results.push(result);
        port.trained(result);
      },
    });
    const place = ({ method, seed }: DemoRunResult): number =>
      methods.indexOf(method) * seeds + seed;
    return { zeroShot, runs: results.sort((a, b) => place(a) - place(b)) };
  } finally {
    await meters.photos.close();
    await meters.drawings.close();
  }
}

async function openMeters(
  folders: TaskFolders,
  setting: Parameters<typeof demoConfig>[0],
): Promise<Record<keyof TaskFolders, Meter>> {
  const config = demoConfig(setting, methods[0]!, 1);
  return {
    photos: await openMeter(config, folders.photos),
    drawings: await openMeter(config, folders.drawings),
  };
}

/** What the run itself measured at its end. */
function photosOf({ result }: RunPaths): Accuracy {
  return accuracyOf((JSON.parse(readFileSync(result, "utf8")) as RunResult).adapted);
}
