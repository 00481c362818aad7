import { type Command, InvalidArgumentError, Option } from "commander";
import type { StepRequest } from "../train/dumpStep";
import { anyNumber, partsOf, quoting, quotingHelp, wholeNumber } from "./arguments";

interface StepOptions {
  model: string;
  images: string[];
  labels: number[];
  classes: string[];
  lora?: string;
  seed: number;
  rank: number;
  loraAlpha: number;
  scaling: "rslora" | "lora";
  alpha: number;
  rho: number;
  template: string;
  dump?: string;
  device: string;
}

/** Adds `glad step`. */
export function registerStep(program: Command): void {
  program
    .command("step")
    .description(
      "compute one GLAD step without augmentation and dropout, to check it against PyTorch",
    )
    .requiredOption("--model <folder>", "snapshot of a CLIP")
    .requiredOption("--images <files>", `image files, separated by commas (${quotingHelp})`, list)
    .requiredOption("--labels <numbers>", "class of each image, counted from 0", numbers)
    .requiredOption("--classes <names>", `class names, separated by commas (${quotingHelp})`, list)
    .option("--template <text>", 'prompt; "{}" is replaced by the class name', "a photo of a {}.")
    .option("--lora <file>", "LoRA values (.safetensors) in PEFT's names")
    .option(
      "--seed <number>",
      "without --lora: seed of initial values (q, k, v of both encoders)",
      wholeNumber(0),
      1,
    )
    .option("--rank <number>", "without --lora: rank", wholeNumber(1), 2)
    .option("--lora-alpha <number>", "LoRA's alpha", anyNumber, 1)
    .addOption(
      new Option("--scaling <rule>", "alpha/sqrt(r) or alpha/r")
        .choices(["rslora", "lora"])
        .default("rslora"),
    )
    .option("--alpha <number>", "weight of the SAM gradient", anyNumber, 0.5)
    .option("--rho <number>", "radius of SAM's perturbation", anyNumber, 0.05)
    .option("--device <name>", "auto, cpu, webgpu, cuda, cuda:N or dml", "cpu")
    .option("--dump <file>", "write every value to this .safetensors file")
    .addHelpText("after", notes)
    .action(async (options: StepOptions) => {
      const request: StepRequest = {
        ...options,
        lora: options.lora ?? null,
        dump: options.dump ?? null,
      };
      // Loaded here, so that other commands start without the engine.
      const { dumpStep } = await import("../train/dumpStep");
      const { metrics, correct, count } = await dumpStep(request);
      for (const [name, value] of Object.entries(metrics))
        process.stdout.write(
          `${label(name).padEnd(20)}${value === null ? "-" : value.toPrecision(9)}\n`,
        );
      process.stdout.write(`${"correct".padEnd(20)}${correct} of ${count}\n`);
      if (options.dump) process.stdout.write(`${"written".padEnd(20)}${options.dump}\n`);
    });
}

const notes = `
The dump holds pixel_values [n,3,S,S], image_features [n,d] and class_embeddings
[K,d] (both of length 1), logits [n,K], loss, perturbed_loss, the LoRA values as
lora.<name>, and g.<name>, g_sam.<name>, g_final.<name> for every LoRA tensor
under PEFT's name. test/golden/compareStep.py computes the same step with
PyTorch, transformers and peft, and compares:

  glad step --model DIR --images a.jpg,b.jpg --labels 0,1 --classes "cat,dog" \\
    --dump step.safetensors
  python test/golden/compareStep.py --model DIR --images a.jpg,b.jpg \\
    --labels 0,1 --classes "cat,dog" --dump step.safetensors`;

/** `samGradientNorm` -> `SAM gradient norm`. */
function label(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^sam\b/, "SAM");
}

function list(text: string): string[] {
  const parts = partsOf(text);
  if (parts === undefined) throw new InvalidArgumentError(`${quoting}.`);
  if (parts.every((part) => part !== "")) return parts;
  throw new InvalidArgumentError("expected parts between commas that are not empty.");
}

function numbers(text: string): number[] {
  return list(text).map(wholeNumber(0));
}
