import { openData, openTest } from "../data/openData";
import { skipUnreadable } from "../data/skipUnreadable";
import { findDataSet } from "../data/sets/index";
import { withTargets } from "../data/targets";
import { resolveModel } from "../models/hub";
import { thetaOf } from "../models/loraNames";
import { readAdapter } from "../models/peft";
import type { Config } from "../protocol/config";
import type { SplitResult } from "../protocol/events";
import type { FrozenConfig } from "../protocol/frozen";
import type { RunPaths } from "../protocol/runFolder";
import { newestCheckpoint } from "./checkpoint";
import { resolveConfig } from "./createRun";
import { evaluate, imagesOf } from "./evaluate";
import { modelAt } from "./measuredModel";
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
  // Read before the model is opened: meanwhile a trainer at work may prune it.
  const { values } = await readAdapter(folder);
  const run = await openRun(paths, config);
  const measured = await measure(run, onResult, () => thetaOf(run.engine.layout, values, folder));
  return { ...measured, checkpoint: folder };
}

/** Measures CLIP without adapters on the images that a configuration names. */
export async function measureZeroShot(written: Config, onResult: OnResult): Promise<Measured> {
  const config = resolveConfig(written);
  const { data, protocol, seed, evaluation } = config;
  // Data sets without training images are there to be measured only.
  const testOnly = data.dataset !== "folder" && findDataSet(data.dataset).published.train === 0;
  const own = testOnly ? openTest(data, protocol) : openData(data, protocol, seed);
  const all = withTargets(own, evaluation.targets);
  const opened = data.skipUnreadable ? await skipUnreadable(all) : all;
  const run = await openComputation(resolveModel(config.model), config, opened);
  return measure(run, onResult, () => null);
}

async function measure(
  run: OpenRun,
  onResult: OnResult,
  parameters: () => Float32Array | null,
): Promise<Measured> {
  const { engine, pipeline, data, evaluation } = run;
  try {
    const model = modelAt(engine, parameters(), imagesOf(data.evaluations));
    const results: SplitResult[] = [];
    for (const split of data.evaluations) {
      const { result } = await evaluate(model, pipeline, split, evaluation);
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
