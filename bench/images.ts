/**
 * The image pipeline against Pillow and numpy: `node bench/run.mjs images`. Both sides make 224x224 tensors of the same 500x375
 * JPEG files with the same crops. On one core, images per second of processor time are measured (all threads together);
 * sides take turns, and the best round of each counts, so other work on the machine disturbs little. GLAD_PYTHON names a Python with Pillow and numpy.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import sharp from "sharp";
import { decodeRgb } from "../src/data/decode";
import { createImagePipeline } from "../src/data/imagePipeline";
import { augmentation, cropPixels, type ImageTransform } from "../src/data/transforms";
import { report, row, type Row } from "./rows";

const width = 500;
const height = 375;
const count = 192;
const rounds = 4;
/** Passes over the files that are measured at a time. */
const passes = 4;
const batchSize = 32;
const transform: ImageTransform = {
  size: 224,
  cropSize: 224,
  oddMargin: "down",
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
const kinds = ["augmented", "evaluation"] as const;
type Kind = (typeof kinds)[number];

const program = join(process.cwd(), "dist", "imageWorker-bench.js");
const photographs = join(process.cwd(), "../shared/data/caltech-101/101_ObjectCategories");
const draw = (sample: number) => ({ seed: 1, epoch: 0, sample });

interface Item {
  path: string;
  box: [left: number, top: number, width: number, height: number];
  flip: boolean;
}

/** Files of the size in question: photographs where they are there, else drawn noise. */
async function writeFiles(folder: string): Promise<Item[]> {
  const classes = existsSync(photographs) ? readdirSync(photographs).sort() : [];
  if (classes.length === 0)
    console.log(`${photographs} is missing: drawn pictures instead of photographs.`);
  const items: Item[] = [];
  for (let i = 0; i < count; i++) {
    const path = join(folder, `${i}.jpg`);
    const name = classes[i % classes.length];
    const files = name ? readdirSync(join(photographs, name)).sort() : [];
    const source = name
      ? sharp(join(photographs, name, files[i % files.length]!))
      : sharp({
          create: {
            width,
            height,
            channels: 3,
            background: "grey",
            noise: { type: "gaussian", mean: 128, sigma: 40 },
          },
        });
    await source.resize(width, height, { fit: "fill" }).jpeg({ quality: 90 }).toFile(path);
    const { box, flip } = augmentation(width, height, draw(i));
    items.push({ path, box: [box.left, box.top, box.width, box.height], flip });
  }
  return items;
}

/** Images per second of our pipeline, by the clock and by processor time; a batch is always asked for ahead, as the trainer does. */
async function measure(items: Item[], kind: Kind, workers: number, cached: boolean) {
  const pipeline = createImagePipeline({ transform, workers, cacheMiB: cached ? 512 : 0, program });
  const start = (from: number) => {
    const part = items.slice(from, from + batchSize);
    return kind === "evaluation"
      ? pipeline.evaluationBatch(part.map(({ path }) => path))
      : pipeline.trainingBatch(
          part.map(({ path }, i) => ({ path, sample: from + i, epoch: 0 })),
          { seed: 1, augment: true },
        );
  };
  const pass = async (length: number) => {
    let ahead = start(0);
    for (let from = 0; from < length; from += batchSize) {
      const batch = ahead;
      if (from + batchSize < length) ahead = start(from + batchSize);
      await batch;
    }
  };
  await pass(cached ? items.length : 2 * batchSize);
  const begin = performance.now();
  const before = process.cpuUsage();
  for (let i = 0; i < passes; i++) await pass(items.length);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - begin) / 1000;
  await pipeline.close();
  const images = passes * items.length;
  return { clock: images / seconds, processor: (1e6 * images) / (user + system) };
}

/** Runs a program on one core where the system can do that, and reads the number it prints. */
function onOneCore(command: string, args: string[]): number {
  const pinned = spawnSync("taskset", ["--version"]).status === 0;
  const [file, ...rest] = pinned ? ["taskset", "-c", "0", command, ...args] : [command, ...args];
  return Number(execFileSync(file, rest, { encoding: "utf8" }));
}

function findPython(): string | undefined {
  const candidates = [process.env["GLAD_PYTHON"], "/opt/glad-venv/bin/python", "python3", "python"];
  return candidates.find(
    (python) => python && spawnSync(python, ["-c", "import PIL, numpy"]).status === 0,
  );
}

/** sharp's own cubic kernel on the same crops: its time and its difference from Pillow's bytes. */
async function compareKernels(items: Item[]): Promise<string> {
  let ours = 0;
  let theirs = 0;
  let sum = 0;
  let largest = 0;
  let above = 0;
  let values = 0;
  for (const { path, box } of items) {
    const image = await decodeRgb(path);
    const [left, top, w, h] = box;
    let begin = performance.now();
    const exact = cropPixels(image, { left, top, width: w, height: h }, transform).data;
    ours += performance.now() - begin;
    begin = performance.now();
    const raw = { width: image.width, height: image.height, channels: 3 } as const;
    const cubic = await sharp(image.data, { raw })
      .extract({ left, top, width: w, height: h })
      .resize(224, 224, { fit: "fill", kernel: "cubic" })
      .raw()
      .toBuffer();
    theirs += performance.now() - begin;
    for (const [i, value] of exact.entries()) {
      const difference = Math.abs(value - cubic[i]!);
      sum += difference;
      largest = Math.max(largest, difference);
      if (difference > 2) above++;
    }
    values += exact.length;
  }
  const percent = ((100 * above) / values).toFixed(2);
  return (
    `Random crops resized by our port of Pillow's bicubic: ${(ours / items.length).toFixed(2)} ms an image; by sharp's cubic kernel: ` +
    `${(theirs / items.length).toFixed(2)} ms, differing by ${(sum / values).toFixed(2)} levels on average, ${largest} at most, ` +
    `more than 2 in ${percent}% of the values.`
  );
}

interface Rates {
  ours: number;
  /** By the clock, with one core and with two workers on all cores. */
  one: number;
  pillow: number;
  two: number;
  cached: number;
}

function rowsOf(rates: Record<Kind, Rates>, python: boolean): Row[] {
  return kinds.flatMap((kind) => {
    const { ours, one, pillow, two } = rates[kind];
    const least = kind === "augmented" ? 1 : 0.5;
    const images = `${ours.toFixed(0)} images/s`;
    return [
      row(
        `image pipeline, ${kind}, one core, times as fast as Pillow + numpy`,
        python ? ours / pillow : NaN,
        { least },
        python ? `${images} against ${pillow.toFixed(0)}` : "Pillow is missing",
      ),
      row(
        `image pipeline, ${kind}, two workers on two cores / one core`,
        two / one,
        { least: 1.6 },
        `${two.toFixed(0)} images/s against ${one.toFixed(0)}`,
      ),
    ];
  });
}

function printTable(rates: Record<Kind, Rates>, python: boolean): void {
  const row = (name: string, rate: number, ratio: number, goal: string) =>
    console.log(
      `| ${name.padEnd(58)} | ${rate.toFixed(0).padStart(8)} | ${Number.isFinite(ratio) ? ratio.toFixed(2).padStart(5) : "    -"} | ${goal} |`,
    );
  console.log(`| ${"what".padEnd(58)} | images/s | ratio | must reach |`);
  console.log(`|${"-".repeat(60)}|---------:|------:|---|`);
  for (const kind of kinds) {
    const { ours, one, pillow, two, cached } = rates[kind];
    if (python) row(`${kind}, Pillow + numpy, one core`, pillow, NaN, "");
    const goal = kind === "augmented" ? "1.0 times Pillow + numpy" : "0.5 times Pillow + numpy";
    row(`${kind}, ours, one core`, ours, python ? ours / pillow : NaN, goal);
    row(`${kind}, ours, two workers on all cores against one core`, two, two / one, "");
    if (kind === "augmented")
      row(`${kind}, ours, one core, decoded images kept`, cached, cached / ours, "");
  }
}

async function main(): Promise<void> {
  if (process.argv[2] === "--measure") {
    const items = JSON.parse(readFileSync(process.argv[3]!, "utf8")) as Item[];
    const kind = process.argv[4] as Kind;
    const { processor, clock } = await measure(items, kind, 1, process.argv[5] === "cached");
    console.log(process.argv[5] === "clock" ? clock : processor);
    return;
  }
  buildSync({
    entryPoints: ["src/data/imageWorker.ts"],
    outfile: program,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["sharp"],
  });
  const folder = mkdtempSync(join(tmpdir(), "glad-bench-"));
  try {
    const items = await writeFiles(folder);
    const list = join(folder, "list.json");
    writeFileSync(list, JSON.stringify(items));
    const python = findPython();
    if (!python)
      console.log(
        "No Python with Pillow and numpy found (set GLAD_PYTHON): no comparison with it.",
      );
    const zero = (): Rates => ({ ours: 0, one: 0, pillow: 0, two: 0, cached: 0 });
    const rates = { augmented: zero(), evaluation: zero() };
    const ours = (kind: Kind, ...rest: string[]) =>
      onOneCore(process.execPath, [process.argv[1]!, "--measure", list, kind, ...rest]);
    for (let round = 0; round < rounds; round++)
      for (const kind of kinds) {
        const best = rates[kind];
        if (python)
          best.pillow = Math.max(best.pillow, onOneCore(python, ["bench/images.py", list, kind]));
        best.ours = Math.max(best.ours, ours(kind));
        // Both by the clock and in turn, so that other work on the machine slows down both.
        best.one = Math.max(best.one, ours(kind, "clock"));
        best.two = Math.max(best.two, (await measure(items, kind, 2, false)).clock);
        if (kind === "augmented") best.cached = Math.max(best.cached, ours(kind, "cached"));
      }
    printTable(rates, python !== undefined);
    report(rowsOf(rates, python !== undefined));
    console.log(await compareKernels(items));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(program, { force: true });
  }
}

void main();
