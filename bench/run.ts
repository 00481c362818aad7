import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { type ConfigInput, configSchema } from "../src/protocol/config";
import type { RunEvent } from "../src/protocol/events";
import { createRun } from "../src/train/createRun";
import { openEventLog } from "../src/train/eventLog";
import { train } from "../src/train/loop";
import { openRun } from "../src/train/openRun";
import { openStatus } from "../src/train/statusWriter";
import { trainerEnvironment } from "../src/util/trainerEnvironment";
import { writeRandomClip } from "./randomClip";
import { report, row, type Row } from "./rows";

/**
 * What a person waits for: from `glad train` to the first step event, the share of training in which the engine
 * computes, and the peak memory of a GLAD run with 1,000 classes. On the CPU; needs a build (`npm run build`).
 */
const demo = join(process.cwd(), "media/demo");
const vitB16 = join(tmpdir(), "glad-bench-vit-b-16");

type Change = Partial<ConfigInput> & Pick<ConfigInput, "data" | "model">;

async function main(): Promise<void> {
  const at = process.argv.indexOf("--peak");
  if (at >= 0) return void process.stdout.write(String(await peakMiB(process.argv[at + 1]!)));
  if (!existsSync(join(vitB16, "model.safetensors"))) await writeRandomClip(vitB16);
  const folder = mkdtempSync(join(tmpdir(), "glad-bench-run-"));
  try {
    await drawPhotos(join(folder, "photos"), 10, 8);
    const data = { root: join(folder, "photos"), shots: 4 };
    const rows = [
      ...(await firstSteps(folder, data)),
      ...(await engineShares(folder, data)),
      await peakRow(folder),
    ];
    report(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Settings that leave evaluation out: it is not what is measured. */
function config(folder: string, change: Change): ConfigInput {
  return {
    evaluation: { zeroShot: false },
    checkpoints: { every: 0 },
    device: "cpu",
    output: join(folder, ".glad"),
    ...change,
  };
}

async function firstSteps(folder: string, data: ConfigInput["data"]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, model, alpha, most] of [
    ["demo model, GLAD", demo, 0.5, 2],
    ["ViT-B/16, LoRA", vitB16, 0, 10],
    ["ViT-B/16, GLAD", vitB16, 0.5, 10],
  ] as const) {
    const { seconds, step } = await firstStep(folder, { model, data, glad: { alpha } });
    const parts = `${(seconds - step).toFixed(2)} until the step begins, ${step.toFixed(2)} the step`;
    rows.push(row(`seconds to the first step event, ${name}`, seconds, { most }, parts));
  }
  return rows;
}

/** Seconds from starting the command line to the first step event on its standard output, and those of the step itself. */
async function firstStep(
  folder: string,
  change: Change,
): Promise<{ seconds: number; step: number }> {
  const file = join(folder, "glad.json");
  writeFileSync(file, JSON.stringify(config(folder, change)));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(process.cwd(), "dist/cli.js"), "train", file, "--json"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let result = { seconds: NaN, step: NaN };
  for await (const line of createInterface(child.stdout)) {
    const event = JSON.parse(line) as RunEvent;
    if (event.type !== "step") continue;
    result = { seconds: (performance.now() - started) / 1000, step: event.seconds };
    break;
  }
  // Twice: the first asks for a graceful stop, the second does not wait for it.
  child.kill("SIGINT");
  child.kill("SIGINT");
  await new Promise((settle) => child.once("close", settle));
  return result;
}

async function engineShares(folder: string, data: ConfigInput["data"]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, model, steps] of [
    ["demo model", demo, 150],
    ["ViT-B/16", vitB16, 4],
  ] as const) {
    const share = await engineShare(folder, { model, data, training: { steps } });
    rows.push(
      row(`share of training in which the engine computes, ${name}`, share, { least: 0.95 }),
    );
  }
  return rows;
}

/**
 * Engine seconds over all seconds, from the first step's end to the last's (the first opens sessions); events and status
 * are written as the trainer writes them.
 */
async function engineShare(folder: string, change: Change): Promise<number> {
  const created = await createRun(configSchema.parse(config(folder, change)));
  const run = await openRun(created.paths, created.config);
  const log = openEventLog(created.paths);
  const status = openStatus(created.paths, {
    state: "running",
    pid: process.pid,
    processStart: null,
    host: null,
    nonce: null,
    heartbeat: new Date().toISOString(),
    step: 0,
    steps: created.config.run.steps,
    device: null,
    reason: null,
  });
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
      log.write(body);
      if (body.type !== "step") return;
      last = { time: performance.now(), engine };
      if (body.step === 1) since = last;
    },
    status: (change) => void status.update(change),
    sync: () => log.sync(),
    stopAsked: () => false,
    now: () => performance.now(),
  });
  await run.close();
  log.close();
  await status.close({ state: "finished" });
  return (last.engine - since.engine) / (last.time - since.time);
}

/** A process of its own measures, because memory that was taken once counts for good. */
async function peakRow(folder: string): Promise<Row> {
  const root = join(folder, "many");
  await drawPhotos(join(root, "train"), 1000, 1);
  // Enough for evaluation to pack its weights.
  await drawPhotos(join(root, "test"), 64, 1);
  const child = spawnSync(process.execPath, [process.argv[1]!, "--peak", folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: trainerEnvironment(),
  });
  const gigabytes = (Number(child.stdout.trim() || NaN) * 2 ** 20) / 1e9;
  return row("peak memory in GB of a GLAD run, ViT-B/16, 1,000 classes", gigabytes, { most: 3 });
}

/** Zero-shot evaluation, two GLAD steps with a checkpoint each, evaluation. */
async function peakMiB(folder: string): Promise<number> {
  const data = { root: join(folder, "many"), shots: 1 };
  const created = await createRun(
    configSchema.parse({
      ...config(folder, { model: vitB16, data, training: { steps: 2 } }),
      evaluation: { zeroShot: true },
      checkpoints: { every: 1 },
    }),
  );
  const run = await openRun(created.paths, created.config);
  // As after an epoch: the cache of decoded images is full.
  for (const { path } of run.data.train)
    await run.pipeline.trainingBatch(
      [{ path: join(run.data.imageRoot, path), sample: 0, epoch: 0 }],
      { seed: 1, augment: false },
    );
  await train(created.paths, created.config, run, {
    event: () => undefined,
    status: () => undefined,
    sync: () => undefined,
    stopAsked: () => false,
    now: () => performance.now(),
  });
  await run.close();
  return process.resourceUsage().maxRSS / 1024;
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
