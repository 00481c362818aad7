import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { type ConfigInput, configSchema } from "../../src/protocol/config";
import { type CreatedRun, createRun } from "../../src/train/createRun";
import { writeTinyClip } from "./tinyClip";

export const repository = resolve(__dirname, "../..");

/** Classes of the pictures that `writePictures` draws, by colour. */
const colours: Record<string, string> = { cat: "#c33", dog: "#3c3", bird: "#33c", car: "#cc3" };

/** A folder of images: `count` small pictures of each class in train and half as many in test, all different. */
export async function writePictures(folder: string, count = 4): Promise<void> {
  for (const [part, images] of [
    ["train", count],
    ["val", 2],
    ["test", Math.ceil(count / 2)],
  ] as const)
    for (const [name, colour] of Object.entries(colours)) {
      mkdirSync(join(folder, part, name), { recursive: true });
      for (let i = 0; i < images; i++) {
        const svg =
          `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="32"><rect width="40" height="32" fill="#${i}8a"/>` +
          `<circle cx="${10 + 5 * i}" cy="16" r="${6 + i}" fill="${colour}"/></svg>`;
        await sharp(Buffer.from(svg))
          .png()
          .toFile(join(folder, part, name, `${part}-${i}.png`));
      }
    }
}

/** A run on the tiny random CLIP and the pictures above, made below `folder`. */
export async function tinyRun(
  folder: string,
  change: Partial<ConfigInput> = {},
): Promise<CreatedRun> {
  const model = join(folder, "clip");
  const images = join(folder, "images");
  await writeTinyClip(model);
  await writePictures(images);
  return createRun(tinyConfig(folder, change));
}

/** The configuration of `tinyRun`. */
export function tinyConfig(folder: string, change: Partial<ConfigInput> = {}) {
  return configSchema.parse({
    model: join(folder, "clip"),
    data: { root: join(folder, "images"), shots: 4 },
    training: { steps: 12, batchSize: 6 },
    optimizer: { learningRate: 0.01 },
    evaluation: { every: 5 },
    checkpoints: { every: 3 },
    device: "cpu",
    threads: 1,
    output: join(folder, ".glad"),
    ...change,
  });
}

/** Starts the built trainer on a run folder. */
export function startTrainer(folder: string) {
  const child = spawn(process.execPath, [join(repository, "dist/trainer.js"), folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null; output: string }>(
    (settle) => child.on("close", (code, signal) => settle({ code, signal, output })),
  );
  return { child, ended };
}
