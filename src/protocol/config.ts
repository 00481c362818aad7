import * as z from "zod";

/** The configuration of one run, as `glad.json` holds it. Every default is written here and nowhere else. */

const positiveInteger = z.number().int().positive();
const auto = z.literal("auto");
/** A path or name; an empty one would mean the working folder, or nothing. */
const filled = z.string().refine((text) => text.trim() !== "", { error: "must not be empty" });

const loraTargets = ["q", "k", "v", "o", "fc1", "fc2"] as const;

const data = z
  .strictObject({
    root: filled
      .nullable()
      .default(null)
      .describe(
        "Folder of the images, or the folder that holds the data set's folder; null takes what `glad data link` or `glad data root` remembered.",
      ),
    dataset: z
      .string()
      .default("folder")
      .describe(
        '"folder" for a folder of images with one sub-folder per class, or a data set: imagenet, caltech101, oxfordpets, stanfordcars, flowers102, food101, fgvcaircraft, sun397, dtd, eurosat, ucf101 (imagenetv2, imagenet-sketch, imagenet-a and imagenet-r have test images only).',
      ),
    shots: positiveInteger
      .nullable()
      .default(16)
      .describe("Training images per class; null takes all of them."),
    order: z
      .enum(["coop", "clip-lora"])
      .default("coop")
      .describe("Whose few-shot sampling is reproduced: CoOp's or CLIP-LoRA's."),
    list: filled
      .nullable()
      .default(null)
      .describe(
        "A .jsonl file that names the exact training images instead of sampling them. In an experiment {dataset}, {shots} and {seed} in it stand for those of each run, and {folder} at its beginning for the data set's folder.",
      ),
    template: z
      .string()
      .refine((text) => text === "dataset" || text.includes("{}"), {
        error: 'must contain "{}" where the class name goes, or be "dataset"',
      })
      .default("a photo of a {}.")
      .describe(
        'The prompt of a class; "{}" is replaced by its name. "dataset" takes CoOp\'s own prompt of the data set, e.g. "a photo of a {}, a type of pet."; the default is CLIP-LoRA\'s, one for all.',
      ),
    skipUnreadable: z
      .boolean()
      .default(false)
      .describe(
        "Leave out images that cannot be decoded (the run says how many) instead of stopping.",
      ),
  })
  .describe("Which images are trained and measured on.");

const lora = z
  .strictObject({
    encoder: z
      .enum(["vision", "text", "both"])
      .default("both")
      .describe("Which encoders are adapted."),
    targets: z
      .array(z.enum(loraTargets))
      .min(1)
      .default(["q", "k", "v"])
      .describe("Which matrices of a block are adapted."),
    layers: z
      .union([z.literal("all"), z.array(z.number().int().nonnegative()).min(1)])
      .default("all")
      .describe(
        'Which blocks are adapted, counted from 0; "all" for every block of the chosen encoders.',
      ),
    rank: positiveInteger.default(2).describe("Rank r of the low-rank adapters."),
    alpha: z
      .number()
      .positive()
      .default(1)
      .describe("LoRA's alpha; the branch is scaled by alpha/sqrt(r) or alpha/r."),
    scaling: z
      .enum(["rslora", "lora"])
      .default("rslora")
      .describe(
        '"rslora" scales by alpha/sqrt(r) as CLIP-LoRA\'s code does, "lora" by alpha/r as Hu et al. do.',
      ),
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .default(0.25)
      .describe("Dropout on the input of the LoRA branch."),
    init: filled
      .nullable()
      .default(null)
      .describe(
        "Folder of a PEFT adapter that training starts from; its rank, alpha, scaling and places stand for what is left out here.",
      ),
  })
  .describe("The low-rank adapters (arXiv 2106.09685, applied as in arXiv 2405.18541).");

const glad = z
  .strictObject({
    alpha: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe("Weight of the SAM gradient: 0 is plain LoRA, 1 is SAM, between is GLAD."),
    rho: z.number().min(0).default(0.05).describe("Radius of SAM's perturbation."),
    period: positiveInteger
      .default(1)
      .describe(
        "Compute the SAM gradient on every k-th step only and reuse its flat part between (1 is exact GLAD).",
      ),
  })
  .describe("The regularised gradient (arXiv 2507.13089).");

const optimizer = z
  .strictObject({
    learningRate: z.number().positive().default(2e-4).describe("Peak learning rate of AdamW."),
    minLearningRate: z.number().min(0).default(1e-6).describe("Where the cosine schedule ends."),
    betas: z
      .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
      .default([0.9, 0.999])
      .describe("AdamW's betas."),
    epsilon: z.number().positive().default(1e-8).describe("AdamW's epsilon."),
    weightDecay: z.number().min(0).default(0.01).describe("AdamW's decoupled weight decay."),
    warmupSteps: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe("Steps of linear warm-up before the cosine."),
    clipNorm: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe("Largest norm of the final gradient; null for no clipping."),
  })
  .describe("AdamW and its schedule.");

const training = z
  .strictObject({
    steps: z
      .number()
      .int()
      .min(0)
      .nullable()
      .default(null)
      .describe(
        "Optimisation steps; null takes 500 x shots (of a full-data run: 500 x 16), 0 only measures.",
      ),
    batchSize: positiveInteger.default(32).describe("Images per optimisation step."),
    microBatchSize: z
      .union([auto, positiveInteger])
      .default("auto")
      .describe("Images per pass of the engine; changes memory, not the gradient."),
    classChunkSize: z
      .union([auto, positiveInteger])
      .default("auto")
      .describe("Classes per pass of the text encoder; changes memory, not the gradient."),
    memoryBudgetMiB: z
      .union([auto, positiveInteger])
      .default("auto")
      .describe("What the automatic sizes may use."),
    precision: z
      .enum(["float32", "float16"])
      .default("float32")
      .describe("Arithmetic of the graphs; the adapters and the optimiser are always float32."),
    augment: z.boolean().default(true).describe("Random resized crop and horizontal flip."),
    maxNonFiniteSteps: positiveInteger
      .default(10)
      .describe("A run ends after so many steps in a row whose gradient is not finite."),
  })
  .describe("The training loop.");

const target = z.strictObject({
  dataset: z
    .string()
    .default("folder")
    .describe('A data set, or "folder" for a folder of images with one sub-folder per class.'),
  root: filled
    .nullable()
    .default(null)
    .describe("Its folder, or the folder that holds it; null takes what `glad data` remembered."),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      error: "may hold letters, digits, dots, dashes and underscores",
    })
    .nullable()
    .default(null)
    .describe("What results call it; null takes the data set's name, of a folder the folder's."),
  template: z
    .string()
    .refine((text) => text === "dataset" || text.includes("{}"), {
      error: 'must contain "{}" where the class name goes, or be "dataset"',
    })
    .nullable()
    .default(null)
    .describe("The prompt of its classes; null takes data.template."),
});

const evaluation = z
  .strictObject({
    zeroShot: z.boolean().default(true).describe("Measure CLIP without adapters first."),
    every: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe("Evaluate every so many steps; 0 only at the end."),
    perClass: z.boolean().default(false).describe("Report the accuracy of every class."),
    confusion: z.boolean().default(false).describe("Report confusion counts."),
    targets: z
      .array(target)
      .default([])
      .describe("Further data sets whose test images are measured, with their own classes."),
    pixelCacheMiB: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe(
        "Disk space for the resized pixels of measured images of all models together, kept in `output`/cache for other runs on the same images; 0 keeps none.",
      ),
    earlyStop: z
      .strictObject({
        patience: positiveInteger
          .default(5)
          .describe("Evaluations without improvement before the run stops."),
        minDelta: z
          .number()
          .min(0)
          .default(0)
          .describe("Smallest gain in accuracy (percentage points) that counts."),
      })
      .nullable()
      .default(null)
      .describe("Stop when the accuracy on the validation split no longer improves; null never."),
  })
  .describe("When and how accuracy is measured.");

const checkpoints = z
  .strictObject({
    every: z
      .number()
      .int()
      .min(0)
      .default(500)
      .describe("Steps between checkpoints; 0 only at the end."),
    keepLast: positiveInteger
      .default(2)
      .describe("How many of the newest checkpoints are kept; those that were asked for stay too."),
    keepBest: z
      .boolean()
      .default(true)
      .describe("Also keep the checkpoint with the best validation accuracy."),
  })
  .describe("What is saved, and when.");

export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe("The JSON schema of this file."),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
        error: "may hold up to 100 letters, digits, dots, dashes and underscores",
      })
      .default("run")
      .describe("Short name of the run; part of its folder's name."),
    model: filled
      .default("openai/clip-vit-base-patch16")
      .describe("A CLIP snapshot: a folder, or a Hugging Face id."),
    data: data.prefault({}),
    protocol: z
      .enum(["all", "base-to-novel"])
      .default("all")
      .describe(
        '"all" trains on and measures all classes; "base-to-novel" trains on the first half and measures both.',
      ),
    seed: z.number().int().min(0).default(1).describe("Seed of everything random."),
    lora: lora.prefault({}),
    glad: glad.prefault({}),
    optimizer: optimizer.prefault({}),
    training: training.prefault({}),
    evaluation: evaluation.prefault({}),
    checkpoints: checkpoints.prefault({}),
    device: z
      .string()
      .regex(/^(auto|cpu|webgpu|cuda(:\d+)?|dml)$/, {
        error: 'must be "auto", "cpu", "webgpu", "cuda", "cuda:N" or "dml"',
      })
      .default("auto")
      .describe("The processor: auto, cpu, webgpu, cuda, cuda:N or dml."),
    threads: positiveInteger
      // Above it the system runs out of threads before the engine has started.
      .max(1024)
      .nullable()
      .default(null)
      .describe("CPU threads of the engine; null for one per core."),
    output: filled.default(".glad").describe("Folder that holds the run folders."),
  })
  .describe("Configuration of a GLAD run.");

/** A configuration with every default filled in and every path resolved. */
export type Config = z.output<typeof configSchema>;
/** A configuration as a person writes it. */
export type ConfigInput = z.input<typeof configSchema>;
