import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { type ConfigInput, configSchema } from "../src/protocol/config";
import { createRun } from "../src/train/createRun";
import { train } from "../src/train/loop";
import { openRun } from "../src/train/openRun";
import { writeRandomClip } from "./randomClip";

/**
 * What a person waits for: from `glad train` to the first step event, the share of training in which the engine
 * computes, and the peak memory of a GLAD run with 1,000 classes. On the CPU; needs a build (`npm run build`).
 */
const demo = join(process.cwd(), "media/demo");
const vitB16 = join(tmpdir(), "glad-bench-vit-b-16");

async function main(): Promise<void> {
  if (!existsSync(join(vitB16, "model.safetensors"))) await writeRandomClip(vitB16);
  const folder = mkdtempSync(join(tmpdir(), "glad-bench-run-"));
  try {
    await drawPhotos(join(folder, "photos"), 10, 8);
    const data = { root: join(folder, "photos"), shots: 4 };
    console.log("from `glad train` to the first step event");
    for (const [name, model] of [
      ["demo model", demo],
      ["ViT-B/16", vitB16],
    ] as const)
      console.log(`  ${name.padEnd(12)}${(await firstStep(folder, { model, data })).toFixed(2)} s`);
    console.log("share of training in which the engine computes, GLAD, batch 32");
    for (const [name, model, steps] of [
      ["demo model", demo, 60],
      ["ViT-B/16", vitB16, 4],
    ] as const) {
      const share = await engineShare(folder, { model, data, training: { steps } });
      console.log(`  ${name.padEnd(12)}${(100 * share).toFixed(1)}%`);
    }
    await drawPhotos(join(folder, "many"), 1000, 4);
    const many = { root: join(folder, "many"), shots: 1 };
    const before = process.resourceUsage().maxRSS;
    await engineShare(folder, { model: vitB16, data: many, training: { steps: 3 } });
    console.log(
      `peak memory of a GLAD run, ViT-B/16, 1,000 classes: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
    );
    console.log(
      `  (of which ${(before / 1024).toFixed(0)} MiB had been used by the measurements before)`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Settings that leave evaluation out: it is not what is measured. */
function config(
  folder: string,
  change: Partial<ConfigInput> & Pick<ConfigInput, "data">,
): ConfigInput {
  return {
    evaluation: { zeroShot: false },
    checkpoints: { every: 0 },
    device: "cpu",
    output: join(folder, ".glad"),
    ...change,
  };
}

/** Seconds from starting the command line to the first step event on its standard output. */
async function firstStep(
  folder: string,
  change: Partial<ConfigInput> & Pick<ConfigInput, "data">,
): Promise<number> {
  const file = join(folder, "glad.json");
  writeFileSync(file, JSON.stringify(config(folder, change)));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(process.cwd(), "dist/cli.js"), "train", file, "--json"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let seconds = NaN;
  for await (const line of createInterface(child.stdout))
    if ((JSON.parse(line) as { type: string }).type === "step") {
      seconds = (performance.now() - started) / 1000;
      break;
    }
  // Twice: the first asks for a graceful stop, the second does not wait for it.
  child.kill("SIGINT");
  child.kill("SIGINT");
  await new Promise((settle) => child.once("close", settle));
  return seconds;
}

/** Engine seconds over all seconds, from the first step's end to the last's (the first opens sessions). */
async function engineShare(
  folder: string,
  change: Partial<ConfigInput> & Pick<ConfigInput, "data">,
): Promise<number> {
  const created = await createRun(configSchema.parse(config(folder, change)));
  const run = await openRun(created.paths, created.config);
  let engine = 0;
  const compute = run.engine.lossAndGradient.bind(run.engine);
  run.engine.lossAndGradient = async (...args) => {
    const started = performance.now();
    const result = await compute(...args);
    engine += performance.now() - started;
    return result;
  };
  let since = { time: NaN, engine: NaN };
  let last = since;
  await train(created.paths, created.config, run, {
    event(body) {
      if (body.type !== "step") return;
      last = { time: performance.now(), engine };
      if (body.step === 1) since = last;
    },
    status: () => undefined,
    sync: () => undefined,
    stopAsked: () => false,
  });
  await run.close();
  return (last.engine - since.engine) / (last.time - since.time);
}

/** JPEG pictures of the size of a usual benchmark photo; every class has the same few. */
async function drawPhotos(folder: string, classes: number, images: number): Promise<void> {
  const photos = await Promise.all(
    Array.from({ length: images }, (_, i) => {
      const noise = { type: "gaussian", mean: 60 + i * 15, sigma: 40 } as const;
      return sharp({ create: { width: 500, height: 375, channels: 3, noise, background: "#888" } })
        .jpeg()
        .toBuffer();
    }),
  );
  for (let k = 0; k < classes; k++) {
    const name = join(folder, `thing ${k}`);
    mkdirSync(name, { recursive: true });
    photos.forEach((photo, i) => writeFileSync(join(name, `${i}.jpg`), photo));
  }
}

void main();
