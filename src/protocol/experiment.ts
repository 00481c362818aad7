import * as z from "zod";
import { configJsonSchema, type Field, fieldAt, settingNames } from "./configFields";
import { executorSchema } from "./executor";
import { experimentProtocols, methodPresets } from "./experimentRecord";

/** What an experiment is: many runs from one file, `*.experiment.json`, and what they add up to. */

const positiveInteger = z.number().int().positive();
const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
  error:
    "may hold letters, digits, dots, dashes and underscores, and begins with a letter or digit",
});

/** The longest name of a data set: that of its runs' folders says more, and has at most 100 characters. */
export const longestSetName = 40;

const dataSet = z.union([
  z.string().describe("A published data set, e.g. caltech101."),
  z.strictObject({
    name: plainName
      .max(longestSetName, { error: `may hold at most ${longestSetName} characters` })
      .optional()
      .describe("What tables call it; by default the data set's name, of a folder the folder's."),
    dataset: z
      .string()
      .default("folder")
      .describe('A published data set, or "folder" for images of your own.'),
    root: z
      .string()
      .nullable()
      .default(null)
      .describe("Its folder, or the folder that holds it; null takes the experiment's root."),
    template: z
      .string()
      .refine((text) => text === "dataset" || text.includes("{}"), {
        error: 'must contain "{}" where the class name goes, or be "dataset"',
      })
      .nullable()
      .default(null)
      .describe('A prompt of its own with "{}" for the class; null takes what "templates" says.'),
  }),
]);

const partialConfig = z
  .record(z.string(), z.unknown())
  .describe("Settings as in glad.json; those that are left out have their defaults.");

const method = z.union([
  z.enum(methodPresets),
  z.strictObject({
    name: z
      .string()
      .max(40)
      .regex(/^\S(?:[^\r\n\t]*\S)?$/, {
        error: "must be one line of at most 40 characters without blanks around it",
      })
      .describe("What tables call the method."),
    preset: z
      .enum(methodPresets)
      .default("glad")
      .describe(
        "Where it starts from: zero-shot (no training), lora (glad.alpha 0), sam (glad.alpha 1), glad.",
      ),
    set: partialConfig.default({}),
    sweep: z
      .record(z.string(), z.array(z.unknown()).min(1))
      .default({})
      .describe(
        'Values to go through of any settings, by dotted name, e.g. {"glad.rho": [0.02, 0.05]}: one method for each combination.',
      ),
  }),
]);

export const experimentSchema = z
  .strictObject({
    $schema: z.string().optional().describe("The JSON schema of this file."),
    name: plainName
      .max(100, { error: "may hold at most 100 characters" })
      .describe("Name of the experiment; its folder below .glad/experiments."),
    protocol: z
      .enum(experimentProtocols)
      .describe(
        "few-shot: all classes at several shots; base-to-novel: half of the classes trained, both halves measured; domain-generalization and cross-dataset: trained on one data set, measured on others; own: the same on folders of your own.",
      ),
    root: z
      .string()
      .nullable()
      .default(null)
      .describe("Folder that holds the data sets; null takes what `glad data` remembered."),
    datasets: z
      .array(dataSet)
      .min(1)
      .nullable()
      .default(null)
      .describe("Data sets of few-shot and base-to-novel; null takes the 11 of the papers."),
    source: dataSet
      .nullable()
      .default(null)
      .describe("Data set that the other protocols train on; null takes ImageNet."),
    targets: z
      .array(dataSet)
      .min(1)
      .nullable()
      .default(null)
      .describe("Data sets that they measure on; null takes those of the papers."),
    seeds: z
      .array(z.number().int().min(0))
      .min(1)
      .default([1, 2, 3])
      .describe("Seeds of the runs."),
    shots: z
      .array(positiveInteger)
      .min(1)
      .nullable()
      .default(null)
      .describe("Training images per class; null takes 1, 2, 4, 8, 16 for few-shot and 16 else."),
    templates: z
      .string()
      .refine((text) => ["clip-lora", "dataset"].includes(text) || text.includes("{}"), {
        error: 'must be "clip-lora" or "dataset", or contain "{}" where the class name goes',
      })
      .default("clip-lora")
      .describe(
        '"clip-lora": "a photo of a {}." for all data sets; "dataset": CoOp\'s prompt of each; or a prompt with "{}".',
      ),
    config: partialConfig.default({}),
    methods: z
      .array(method)
      .min(1)
      .default([...methodPresets])
      .describe("What is compared."),
    executor: executorSchema.prefault({ kind: "local" }),
  })
  .describe("A GLAD experiment: many runs, one table.");

/** An experiment with every default filled in. */
export type Experiment = z.output<typeof experimentSchema>;

/** The JSON schema of an experiment file; settings of runs in it are completed as in glad.json. */
export function experimentJsonSchema(): Field {
  const schema = z.toJSONSchema(experimentSchema, { io: "input" }) as Field;
  const { description: _what, ...settings } = configJsonSchema();
  const partial = { type: "object", properties: settings.properties, additionalProperties: false };
  const describe = (field: Field): Field => ({ ...partial, description: field.description });
  const methods = schema.properties!.methods!.items as Field;
  const own = methods.anyOf!.find(({ properties }) => properties)!;
  schema.properties!.config = describe(schema.properties!.config!);
  own.properties!.set = describe(own.properties!.set!);
  const { description } = own.properties!.sweep!;
  const sweep = settingNames().map((name): [string, Field] => [
    name,
    { type: "array", minItems: 1, items: fieldAt(name.split("."))! },
  ]);
  own.properties!.sweep = {
    ...{ type: "object", description, default: {}, additionalProperties: false },
    properties: Object.fromEntries(sweep),
  };
  return schema;
}
