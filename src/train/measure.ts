import { join } from "node:path";
import { resolveData } from "../data/dataRoot";
import { openData, type OpenedData, openTest } from "../data/openData";
import { skipUnreadable } from "../data/skipUnreadable";
import { findDataSet } from "../data/sets/index";
import { resolveModel } from "../models/hub";
import type { Config } from "../protocol/config";
import type { SplitResult } from "../protocol/events";
import type { FrozenConfig } from "../protocol/frozen";
import { checkpointName, checkpointSteps, type RunPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";
import { loadParameters } from "./checkpoint";
import { evaluate } from "./evaluate";
import { openComputation, type OpenRun, openRun } from "./openRun";
import { harmonicMean } from "./result";

/** Accuracies of one model on every split of a protocol. */
export interface Measured {
  device: string;
  deviceReason: string;
  results: SplitResult[];
  /** Of base and novel accuracy in percent; null where they are not measured. */
  harmonicMean: number | null;
  /** What the user should know of the data: sentences. */
  notes: string[];
}

/** Hears each split's result as soon as it is known. */
type OnResult = (result: SplitResult) => void;

/**
 * Measures a checkpoint of a run (null: its newest) on the run's own splits, as the run itself does. Gives also the
 * checkpoint's folder.
 */
export async function measureRun(
  paths: RunPaths,
  config: FrozenConfig,
  checkpoint: string | null,
  onResult: OnResult,
): Promise<Measured & { checkpoint: string }> {
  const folder = checkpoint ?? newestCheckpoint(paths);
  const run = await openRun(paths, config);
  const measured = await measure(run, onResult, () => loadParameters(folder, run.engine.layout));
  return { ...measured, checkpoint: folder };
}

/** Measures CLIP without adapters on the images that a configuration names. */
export async function measureZeroShot(config: Config, onResult: OnResult): Promise<Measured> {
  const folder = resolveModel(config.model);
  const data = await openMeasured(config);
  const run = await openComputation(folder, { ...config, data: resolveData(config.data) }, data);
  return measure(run, onResult, () => Promise.resolve(null));
}

/** The images of a configuration; data sets without training images are only measured on. */
async function openMeasured({ data, protocol, seed }: Config): Promise<OpenedData> {
  const testOnly = data.dataset !== "folder" && findDataSet(data.dataset).published.train === 0;
  const opened = testOnly ? openTest(data, protocol) : openData(data, protocol, seed);
  return data.skipUnreadable ? skipUnreadable(opened) : opened;
}

function newestCheckpoint(paths: RunPaths): string {
  const [step] = checkpointSteps(paths).slice(-1);
  if (step === undefined)
    throw new UserError(
      `${paths.folder}: has no checkpoint yet; \`glad checkpoint\` asks a running one for it`,
    );
  return join(paths.checkpoints, checkpointName(step));
}

async function measure(
  run: OpenRun,
  onResult: OnResult,
  parameters: () => Promise<Float32Array | null>,
): Promise<Measured> {
  const { engine, pipeline, data, evaluation } = run;
  try {
    const theta = await parameters();
    const results: SplitResult[] = [];
    for (const split of data.evaluations) {
      const { result } = await evaluate(engine, pipeline, theta, split, evaluation);
      results.push(result);
      onResult(result);
    }
    const { device, deviceReason } = engine;
    const { notes } = data;
    return { device, deviceReason, results, harmonicMean: harmonicMean(results), notes };
  } finally {
    await run.close();
  }
}
