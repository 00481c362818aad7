import * as z from "zod";

/** Where the runs of an experiment are carried out: what an experiment file says under "executor". */

const positiveInteger = z.number().int().positive();

/** A value that goes into a line of a script as it is. */
const word = z.string().regex(/^[^\s"'\\`$]+$/, {
  error: "must be one word without blanks, quotes, backslashes and dollar signs",
});

const kinds =
  "local: a queue on this machine, which outlives the editor; slurm: a job array on a cluster, with a task for each run.";

export const localExecutorSchema = z.strictObject({
  kind: z.literal("local").describe(kinds),
  parallel: z
    .union([z.literal("auto"), positiveInteger])
    .default("auto")
    .describe(
      "Runs at once; auto is one per GPU, and on the CPU as many as memory and cores allow.",
    ),
  retries: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe("How often a run whose process died is resumed."),
});
export type LocalSettings = z.output<typeof localExecutorSchema>;

export const slurmExecutorSchema = z.strictObject({
  kind: z.literal("slurm").describe(kinds),
  partition: word.nullable().default(null).describe("sbatch --partition."),
  time: word.nullable().default(null).describe("sbatch --time, e.g. 08:00:00."),
  gres: word.nullable().default(null).describe("sbatch --gres, e.g. gpu:1."),
  account: word.nullable().default(null).describe("sbatch --account."),
  parallel: positiveInteger
    .nullable()
    .default(null)
    .describe("Most runs at once; null leaves it to Slurm."),
  extraLines: z
    .array(z.string().regex(/^[^\r\n]*$/, { error: "must be one line" }))
    .default([])
    .describe(
      'Further lines of the job\'s script, e.g. "#SBATCH --mem=16G" or "module load cuda".',
    ),
});
export type SlurmSettings = z.output<typeof slurmExecutorSchema>;

export const executorSchema = z
  .discriminatedUnion("kind", [localExecutorSchema, slurmExecutorSchema])
  .describe("Where the runs are carried out.");
export type ExecutorSettings = z.output<typeof executorSchema>;
