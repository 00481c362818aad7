import type { Config } from "../protocol/config";
import { type FrozenConfig, readFrozen } from "../protocol/frozen";
import { isLiving } from "../protocol/living";
import type { RunPaths } from "../protocol/runFolder";
import { readStatus, runState } from "../protocol/status";
import { writeJsonAtomically } from "../util/writeAtomically";

/**
 * Lets a run that was made before go on with what an experiment says now of the machine: device, threads and the sizes of
 * passes. Its numbers depend on them within rounding at most, so they are no part of what the run is found by; but with a
 * device that cannot be opened it would fail for ever. A run that is finished, or that a trainer is at work in, is
 * left alone. Gives whether something changed.
 */
export async function takeMachineSettings(paths: RunPaths, wanted: Config): Promise<boolean> {
  const status = readStatus(paths);
  const state = status && runState(status);
  if (!state || state === "finished" || isLiving(state)) return false;
  const frozen = readFrozen(paths);
  const { microBatchSize, classChunkSize, memoryBudgetMiB } = wanted.training;
  const changed: FrozenConfig = {
    ...frozen,
    device: wanted.device,
    threads: wanted.threads,
    training: { ...frozen.training, microBatchSize, classChunkSize, memoryBudgetMiB },
  };
  if (JSON.stringify(changed) === JSON.stringify(frozen)) return false;
  await writeJsonAtomically(paths.config, changed);
  return true;
}
