import { join } from "node:path";
import { createImagePipeline, type ImagePipeline } from "../data/imagePipeline";
import { openData, type OpenedData } from "../data/openData";
import type { Config } from "../protocol/config";
import type { SplitResult } from "../protocol/events";
import { checkpointName, type RunPaths } from "../protocol/runFolder";
import { coreCount } from "../runtime/memory";
import { loadParameters } from "../train/checkpoint";
import type { ClipEngine } from "../train/engine";
import { evaluate, type EvaluateOptions } from "../train/evaluate";
import { openEngine } from "../train/openEngine";
import { harmonicMean } from "../train/result";

/** Top-1 accuracies in percent. */
export interface Accuracy {
  base: number;
  novel: number;
  harmonic: number;
}

/** Measures a model on the base and the novel classes of an image folder. */
export interface Meter {
  /** `run` null is CLIP without adapters, else the adapters after the last step of a run. */
  measure(run: RunPaths | null): Promise<Accuracy>;
  close(): Promise<void>;
}

/** Opens a meter of the images in `root`, with model and prompts of `config`. */
export async function openMeter(config: Config, root: string): Promise<Meter> {
  const data = openData({ ...config.data, root, shots: null }, config.protocol, config.seed);
  const { engine, snapshot } = await openEngine({
    model: config.model,
    lora: config.lora,
    prompts: data.classNames.map((name) => config.data.template.replaceAll("{}", name)),
    device: config.device,
    threads: null,
    training: config.training,
  });
  const pipeline = createImagePipeline({
    transform: snapshot.preprocessor,
    workers: coreCount(),
    cacheMiB: 0,
  });
  const options: EvaluateOptions = {
    imageRoot: data.imageRoot,
    template: config.data.template,
    perClass: false,
    confusion: false,
    logitScale: snapshot.logitScale,
  };
  return {
    async measure(run) {
      const step = checkpointName(config.training.steps!);
      const theta = run && (await loadParameters(join(run.checkpoints, step), engine.layout));
      return accuracyOf(await evaluations(engine, pipeline, theta, data, options));
    },
    async close() {
      await pipeline.close();
      await engine.close();
    },
  };
}

/** The accuracies that results of a base-to-novel run tell. */
export function accuracyOf(results: readonly SplitResult[]): Accuracy {
  const of = (split: string): number => results.find((result) => result.split === split)!.accuracy;
  return { base: of("base"), novel: of("novel"), harmonic: harmonicMean(results)! };
}

async function evaluations(
  engine: ClipEngine,
  pipeline: ImagePipeline,
  theta: Float32Array | null,
  { evaluations: splits }: OpenedData,
  options: EvaluateOptions,
): Promise<SplitResult[]> {
  const results: SplitResult[] = [];
  for (const split of splits) {
    if (split.split === "val") continue;
    results.push((await evaluate(engine, pipeline, theta, split, options)).result);
  }
  return results;
}
