import { join } from "node:path";
import { createImagePipeline, type ImagePipeline } from "../data/imagePipeline";
import type { OpenedData } from "../data/openData";
import { openFrozenData } from "../data/splitFile";
import { modelHash } from "../models/modelHash";
import type { Config } from "../protocol/config";
import type { FrozenConfig } from "../protocol/frozen";
import { promptOf } from "../protocol/prompt";
import { readEvents } from "../protocol/readEvents";
import type { RunPaths } from "../protocol/runFolder";
import { coreCount } from "../runtime/memory";
import { UserError } from "../util/errors";
import type { ClipEngine } from "./engine";
import type { EvaluateOptions } from "./evaluate";
import { openEngine, type OpenedEngine } from "./openEngine";
import { cacheMiB } from "./memoryNeed";
import { earlierPasses, type EarlierPasses, type PassMemory } from "./passMemory";

/** What a run computes with. */
export interface OpenRun {
  engine: ClipEngine;
  pipeline: ImagePipeline;
  data: OpenedData;
  evaluation: EvaluateOptions;
  passMemory: PassMemory;
  /** The splits that were measured when the run came to its end, which are not opened; null where all are. */
  measured: ReadonlySet<string> | null;
  close(): Promise<void>;
}

/**
 * Opens model, device and frozen data of a run; refuses when model or split are no longer what they were. `measured`: the splits that
 * it was measured on when it came to its end, which are not opened.
 */
export async function openRun(
  paths: RunPaths,
  config: FrozenConfig,
  measured: ReadonlySet<string> | null = null,
): Promise<OpenRun> {
  const data = openFrozenData(config, paths.split, measured);
  const { snapshot, ...run } = await openComputation(
    config.run.modelFolder,
    config,
    data,
    earlierPasses(readEvents(paths.events)),
  );
  if (modelHash(snapshot.source) === config.run.modelHash) return { ...run, measured };
  await run.close();
  throw new UserError(
    `${config.run.modelFolder}: is not the model that the run began with (run.modelHash of config.json); restore it or start a new run`,
  );
}

/**
 * Opens a model folder on the configuration's device, for images that are open; an interrupted run's with
 * the memory for passes that it had before.
 */
export async function openComputation(
  modelFolder: string,
  config: Config,
  data: OpenedData,
  passesBefore: EarlierPasses | null = null,
): Promise<OpenRun & Pick<OpenedEngine, "snapshot">> {
  const { template } = config.data;
  const { perClass, confusion, pixelCacheMiB } = config.evaluation;
  const { engine, snapshot, onCpu, passMemory } = await openEngine({
    model: modelFolder,
    lora: config.lora,
    prompts: data.classNames.map((name) => promptOf(template, name)),
    device: config.device,
    threads: config.threads,
    training: config.training,
    passesBefore,
  });
  const pipeline = createImagePipeline({
    transform: snapshot.preprocessor,
    workers: coreCount(),
    cacheMiB: onCpu ? cacheMiB.cpu : cacheMiB.gpu,
    pixelCache:
      pixelCacheMiB === 0
        ? null
        : { folder: join(config.output, "cache", "pixels"), maxBytes: pixelCacheMiB * 2 ** 20 },
  });
  const { imageRoot } = data;
  const { logitScale } = snapshot;
  const { precision } = config.training;
  return {
    engine,
    snapshot,
    pipeline,
    data,
    passMemory,
    measured: null,
    evaluation: { imageRoot, template, perClass, confusion, logitScale, precision },
    async close() {
      await pipeline.close();
      await engine.close();
    },
  };
}
