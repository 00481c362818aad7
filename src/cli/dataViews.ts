import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { Option, type Command } from "commander";
import { configSchema } from "../protocol/config";
import type { DataPreview, DataSetReport, MoreImages } from "../protocol/dataReport";
import { loadConfig } from "../protocol/loadConfig";
import { plural, visible } from "../util/text";
import { count, table } from "./format";
import { wholeNumber } from "./arguments";

/** So many thumbnails are made at once: sharp works in Node's pool of four threads. */
const lanes = 4;

/** Adds `list`, `images`, `preview` and `thumbnails` to `glad data`: what there is to look at in data sets. */
export function registerDataViews(data: Command): void {
  data
    .command("list")
    .description("list data sets with their classes, counts and problems; no image is opened")
    .argument("[roots...]", "folders of data sets, or that hold some (NAME=PATH says which it is)")
    .option("--workspace <folder...>", "look for data sets below these folders")
    .option("--no-linked", "leave out what `glad data link` and `glad data root` remembered")
    .option("--json", "print a JSON line for each data set as it is found")
    .action(list);
  data
    .command("images")
    .description("print the images of one class as JSON")
    .option("--data <root>", "folder of the data set, or the one that holds it (default: its link)")
    .option("--dataset <name>", "data set, e.g. caltech101, or folder", "folder")
    .requiredOption("--label <number>", "the class, counted from 0", wholeNumber(0))
    .action(images);
  data
    .command("preview")
    .description("print every image that a run would train on and measure, as JSON lines by split")
    .argument("[config]", "configuration of the run")
    .option("--data <root>", "without a configuration: folder of the data set (default: its link)")
    .option("--dataset <name>", "without a configuration: data set, e.g. caltech101", "folder")
    .option("--shots <number>", "without a configuration: training images per class, or all", "16")
    .option("--seed <number>", "without a configuration: seed of the sampling", wholeNumber(0), 1)
    .addOption(
      new Option("--protocol <protocol>", "without a configuration")
        .choices(["all", "base-to-novel"])
        .default("all"),
    )
    .action(preview);
  data
    .command("thumbnails")
    .description("make small pictures of the images named on standard input (a JSON text a line)")
    .argument("<root>", "folder that the images' paths are relative to")
    .option("--cache <folder>", "where the pictures are kept", defaultCache())
    .action(thumbnails);
}

interface ListOptions {
  workspace?: string[];
  linked: boolean;
  json?: boolean;
}

async function list(roots: string[], { workspace = [], linked, json }: ListOptions): Promise<void> {
  const { listData } = await import("../data/listData");
  let found = 0;
  const watch = await listData({ roots, linked, workspaces: workspace }, (event) => {
    found++;
    process.stdout.write(json ? `${JSON.stringify(event)}\n` : describeSet(event.report));
  });
  if (json) process.stdout.write(`${JSON.stringify({ type: "end", watch })}\n`);
  else if (found === 0) process.stdout.write("No data set was found.\n");
}

/** A data set with its first classes, and what is wrong with it. */
function describeSet({ title, folder, counts, classes, findings }: DataSetReport): string {
  const lines = [visible(`${title} in ${folder}`)];
  if (counts) {
    const { train, val, test } = counts;
    lines.push(
      `  ${plural(counts.classes, "class")}; ${count(train)} train, ${count(val)} val, ${count(test)} test`,
    );
  }
  const shown = classes.slice(0, 5).map((each) => {
    const parts = [each.train, each.val, each.test].map(count);
    return ["  " + each.name, ...parts];
  });
  lines.push(...table(shown, [1, 2, 3]));
  if (classes.length > shown.length) lines.push(`  and ${classes.length - shown.length} more`);
  for (const { state, text } of findings)
    if (state === "failed") lines.push(`  FAIL  ${visible(text)}`);
  return lines.join("\n") + "\n";
}

async function images(options: { data?: string; dataset: string; label: number }): Promise<void> {
  const { classImages } = await import("../data/classImages");
  const { data = null, dataset, label } = options;
  process.stdout.write(`${JSON.stringify(classImages({ root: data, dataset }, label))}\n`);
}

interface PreviewOptions {
  data?: string;
  dataset: string;
  shots: string;
  seed: number;
  protocol: DataPreview["protocol"];
}

async function preview(config: string | undefined, options: PreviewOptions): Promise<void> {
  const { previewData } = await import("../data/previewData");
  const { data = null, dataset, seed, protocol } = options;
  const shots = options.shots === "all" ? null : wholeNumber(0)(options.shots);
  const previewed =
    config === undefined
      ? configSchema.parse({ data: { root: data, dataset, shots }, protocol, seed })
      : loadConfig(config);
  printPreview(previewData(previewed));
}

/** So many images stand in a line. */
const imagesPerLine = 1000;

function printPreview({ splits, ...facts }: DataPreview): void {
  const line = (value: DataPreview | MoreImages) =>
    process.stdout.write(`${JSON.stringify(value)}\n`);
  line({ ...facts, splits: splits.map((split) => ({ ...split, images: [] })) });
  splits.forEach(({ images: all }, split) => {
    for (let from = 0; from < all.length; from += imagesPerLine)
      line({ split, images: all.slice(from, from + imagesPerLine) });
  });
}

/** Answers each path as soon as its picture is there, in any order, until standard input ends. */
async function thumbnails(root: string, { cache }: { cache: string }): Promise<void> {
  const { openThumbnailer } = await import("../data/thumbnails");
  const thumbnailer = openThumbnailer(root, cache);
  const waiting: string[] = [];
  const working = new Set<Promise<void>>();
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift())
      process.stdout.write(`${JSON.stringify(await thumbnailer.make(path))}\n`);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    waiting.push(JSON.parse(line) as string);
    if (working.size >= lanes) continue;
    const lane: Promise<void> = work().finally(() => working.delete(lane));
    working.add(lane);
  }
  await Promise.all(working);
}

/** `glad/thumbnails` in `$XDG_CACHE_HOME`, or in `~/.cache` where that is not set. */
function defaultCache(): string {
  const named = process.env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(named) ? named : join(homedir(), ".cache"), "glad", "thumbnails");
}
