import * as z from "zod";
import { executorSchema } from "./executor";

export const experimentProtocols = [
  "few-shot",
  "base-to-novel",
  "domain-generalization",
  "cross-dataset",
  "own",
] as const;
export type ExperimentProtocol = (typeof experimentProtocols)[number];

export const methodPresets = ["zero-shot", "lora", "sam", "glad"] as const;
export type MethodPreset = (typeof methodPresets)[number];

/** What a method is by its settings, whatever it is called. */
const methodKinds = methodPresets;
export type MethodKind = MethodPreset;

/** One run of an experiment: a method on a data set (the source, where there are targets) with a seed. */
export const cellSchema = z.object({
  /** Name of the run folder below `runs`; null before it is made. */
  run: z.string().nullable(),
  method: z.string(),
  dataset: z.string(),
  /** Null for zero-shot, which takes no training images. */
  shots: z.number().int().nullable(),
  /** Null for zero-shot, which depends on no seed. */
  seed: z.number().int().nullable(),
});
export type Cell = z.output<typeof cellSchema>;

const namedSet = z.object({
  /** Unique within the experiment; of a target also the end of its split's name. */
  name: z.string(),
  /** What tables print. */
  title: z.string(),
  /** The published data set that it is; null for a folder. */
  published: z.string().nullable(),
  /** How many of its classes were not named as published when runs on it were made, where there were any. */
  otherNames: z.number().int().optional(),
});

/** What `.glad/experiments/NAME/experiment.json` holds: the expanded experiment with the names of its runs. */
export const experimentRecordSchema = z.object({
  name: z.string(),
  /** The file that it was expanded from. */
  file: z.string(),
  protocol: z.enum(experimentProtocols),
  /** The folder of the run folders. */
  runs: z.string(),
  model: z.string(),
  templates: z.string(),
  seeds: z.array(z.number().int()),
  shots: z.array(z.number().int()),
  methods: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(methodKinds),
      /** The model, where it is not the experiment's. */
      model: z.string().optional(),
      /** Settings that its numbers depend on and that are not the defaults, by dotted name. */
      changed: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  /** Trained data sets. */
  datasets: z.array(namedSet),
  /** Data sets that every run is measured on besides; empty for few-shot and base-to-novel. */
  targets: z.array(namedSet),
  executor: executorSchema,
  cells: z.array(cellSchema),
});
export type ExperimentRecord = z.output<typeof experimentRecordSchema>;
export type NamedSet = z.output<typeof namedSet>;
