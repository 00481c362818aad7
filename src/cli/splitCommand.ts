import { join, resolve, sep } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { halfLabels, takeHalf, type Half } from "../data/baseNovel";
import type { SamplingOrder } from "../data/fewShot";
import { sampleShots } from "../data/openData";
import { readData } from "../data/readData";
import { sha256 } from "../data/splitFile";
import type { DataSplit, Sample } from "../data/types";
import { UserError } from "../util/errors";
import { plural } from "../util/text";
import { writeAtomically } from "../util/writeAtomically";
import { wholeNumber } from "./arguments";

interface SplitOptions {
  data?: string;
  dataset: string;
  shots: number | "all";
  seed: number;
  order: SamplingOrder;
  half?: Half;
  json?: boolean;
  /** Folder to save lists in; true for `.glad/splits`. */
  save?: string | true;
}

/** Adds `glad split`: which images a few-shot run would train, validate and test on. */
export function registerSplit(program: Command): void {
  program
    .command("split")
    .description("print which images a few-shot run would train, validate and test on")
    .option("--data <root>", "folder of the data set, or the one that holds it (default: its link)")
    .option("--dataset <name>", "data set, e.g. caltech101, or folder", "folder")
    .option("--shots <number>", "training images per class, or all", parseShots, 16)
    .option("--seed <number>", "seed of the sampling", wholeNumber(0), 1)
    .addOption(
      new Option("--order <order>", "whose sampling is reproduced")
        .choices(["coop", "clip-lora"])
        .default("coop"),
    )
    .addOption(
      new Option("--half <half>", "only these classes, relabelled").choices(["base", "novel"]),
    )
    .option("--json", "print all images as one JSON object")
    .option(
      "--save [folder]",
      "write the training and validation images as .jsonl lists, which data.list reads (default: .glad/splits)",
    )
    .action(async (options: SplitOptions) => {
      const { split, notes } = chooseSplit(options);
      const json = splitJson(split);
      process.stdout.write(options.json ? json : summary(options, split, json));
      if (options.save !== undefined) {
        for (const file of await saveLists(options, split)) process.stderr.write(`${file}\n`);
      }
      for (const note of notes) process.stderr.write(`${note}\n`);
    });
}

/** The sampled split that the options ask for. */
export function chooseSplit(options: SplitOptions): { split: DataSplit; notes: string[] } {
  const whole = readData({ root: options.data ?? null, dataset: options.dataset });
  const all = whole.value.classNames.map((_, label) => label);
  const shots = options.shots === "all" ? null : options.shots;
  const labels = options.half ? halfLabels(all.length, options.half) : all;
  // A published data set is sampled as its repository does even where a class has too few images.
  const sampled = sampleShots(whole, { ...options, shots }, labels, false);
  const split = options.half ? takeHalf(sampled.value, options.half) : sampled.value;
  return { split, notes: [...whole.notes, ...whole.trainingNotes, ...sampled.notes] };
}

/** `{"train":[{"path","label","name"}...],"val":[...],"test":[...]}` and a line's end; names as the data set spells them. */
export function splitJson({ train, val, test, sourceNames }: DataSplit): string {
  const rows = (samples: Sample[]) =>
    samples.map(({ path, label }) => ({ path, label, name: sourceNames[label] }));
  return JSON.stringify({ train: rows(train), val: rows(val), test: rows(test) }) + "\n";
}

/** Writes `<dataset>/shot_16-seed_1_train.jsonl` and `_val.jsonl`, one image a line; never into the data set's folder. */
async function saveLists(options: SplitOptions, split: DataSplit): Promise<string[]> {
  const { dataset, shots, seed, order, half, save } = options;
  const folder = resolve(save === true || save === undefined ? ".glad/splits" : save);
  if (`${folder}${sep}`.startsWith(`${split.imageRoot}${sep}`)) {
    throw new UserError(
      `--save: ${folder} is in the data set's own folder, into which nothing is written; name another one`,
    );
  }
  const name = [`shot_${shots}-seed_${seed}`, order === "coop" ? [] : order, half ?? []].flat();
  const files: string[] = [];
  for (const part of ["train", "val"] as const) {
    if (split[part].length === 0) continue;
    const lines = split[part].map(
      ({ path, label }) => JSON.stringify({ path, label, name: split.sourceNames[label] }) + "\n",
    );
    const file = join(folder, dataset, `${name.join("-")}_${part}.jsonl`);
    await writeAtomically(file, (handle) => handle.writeFile(lines.join("")));
    files.push(file);
  }
  return files;
}

function summary(options: SplitOptions, split: DataSplit, json: string): string {
  const { train, val, test, sourceNames, imageRoot } = split;
  const shots = options.shots === "all" ? "all images" : plural(options.shots, "shot");
  const half = options.half ? `, ${options.half} half` : "";
  const first = train.slice(0, 5).map(({ path, label }) => `  ${path}  (${sourceNames[label]!})`);
  return [
    `${options.dataset}: ${shots}, seed ${options.seed}, ${options.order} order${half}`,
    `images   ${imageRoot}`,
    `classes  ${sourceNames.length}`,
    `train    ${train.length}`,
    `val      ${val.length}`,
    `test     ${test.length}`,
    `SHA-256  ${sha256(json)} (of what --json prints)`,
    "first training images",
    ...first,
    "",
  ].join("\n");
}

function parseShots(text: string): number | "all" {
  if (text === "all") return text;
  const shots = Number(text);
  if (!Number.isSafeInteger(shots) || shots < 1) {
    throw new InvalidArgumentError('expected a whole number of 1 or more, or "all".');
  }
  return shots;
}
