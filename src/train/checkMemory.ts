import type { Snapshot } from "../models/types";
import type { Config } from "../protocol/config";
import type { ConfigFinding } from "../protocol/configFinding";
import { memoryBudget, type Memory } from "../runtime/memory";
import { cacheMiB, memoryNeed } from "./memoryNeed";
import { passSizes } from "./passSizes";

type Training = Config["training"];

/** The settings that make passes larger, with what they are by default. */
const settings = ["microBatchSize", "classChunkSize", "memoryBudgetMiB"] as const;

/**
 * Says where a run on the CPU takes more memory than is free, and by which setting; null where it fits. More than the
 * machine has at all is a failure, more than is free now a note.
 */
export function checkMemory(
  training: Training,
  snapshot: Pick<Snapshot, "config" | "tensors">,
  run: { classes: number; promptTokens: number; longestPrompt: number; trainImages: number },
  { available, total }: Memory,
): ConfigFinding | null {
  const need = (settings: Training): number => needOf(settings, snapshot, run, available);
  const whole = need(training);
  if (whole <= available) return null;
  const state = whole > total ? "failed" : "note";
  const short = `the run takes about ${gib(whole)} on the CPU, but ${gib(available)} of ${gib(total)} are free`;
  const guilty = settings.find(
    (name) => training[name] !== "auto" && need({ ...training, [name]: "auto" }) < whole,
  );
  if (guilty === undefined)
    return {
      setting: "model",
      state,
      message: `${short}; close programs, take a smaller model, or train on a GPU`,
      fixes: [],
    };
  const setting = `training.${guilty}`;
  const most = largest(
    training,
    guilty,
    (value) => need({ ...training, [guilty]: value }),
    available,
  );
  const values = [...(most > 0 ? [most] : []), "auto" as const];
  return {
    setting,
    state,
    message: `${setting} is ${training[guilty]}: ${short}; take ${most > 0 ? `at most ${most}, or ` : ""}"auto"`,
    fixes: values.map((value) => ({ kind: "set", values: { [setting]: value } })),
  };
}

function needOf(
  training: Training,
  { config, tensors }: Pick<Snapshot, "config" | "tensors">,
  run: Parameters<typeof checkMemory>[2],
  available: number,
): number {
  const { microBatchSize, classChunkSize, memoryBudgetMiB, batchSize, precision } = training;
  const { classes, promptTokens, longestPrompt } = run;
  const sizes = passSizes(
    config,
    {
      microBatchSize: microBatchSize === "auto" ? null : microBatchSize,
      classChunkSize: classChunkSize === "auto" ? null : classChunkSize,
    },
    {
      batchSize,
      classes,
      promptTokens,
      longestPrompt,
      memoryBytes: memoryBudgetMiB === "auto" ? memoryBudget(available) : memoryBudgetMiB * 2 ** 20,
      precision,
      cpu: true,
    },
  );
  const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const parameters = [...tensors.values()].reduce((sum, { shape }) => sum + elements(shape), 0);
  const { trainImages } = run;
  return memoryNeed(config, sizes, {
    parameters,
    classes,
    promptTokens,
    longestPrompt,
    trainImages,
    cacheMiB: cacheMiB.cpu,
    precision,
  }).total;
}

/** The largest value below the configured one that fits; 0 where none does. */
function largest(
  training: Training,
  name: (typeof settings)[number],
  need: (value: number) => number,
  available: number,
): number {
  let [fits, exceeds] = [0, training[name] as number];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (need(middle) <= available) fits = middle;
    else exceeds = middle;
  }
  return fits;
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
