import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseDevice } from "../src/runtime/device";
import type { Precision } from "../src/runtime/probeGraphs";
import { cudaEnvironment } from "../src/util/cudaEnvironment";
import { writeRandomClip } from "./randomClip";
import { batchSize, model, type StepTimes, timeSteps } from "./stepTime";

/**
 * A training step of ViT-B/16 (random weights, batch 32, LoRA as CLIP-LoRA's defaults, dropout included) on GPUs, in the
 * execution providers of onnxruntime that can be opened, against the same step in PyTorch on the same GPU.
 *
 *   node bench/run.mjs gpu [--devices cuda:0,webgpu] [--precisions float32,float16] [--classes 50,1000]
 *     [--pass-gib 2.5,16] [--steps 5] [--python PYTHON]
 *
 * CUDA's provider and libraries are looked for in GLAD_CUDA_PATH (README, GPUs). PYTHON has a PyTorch for CUDA, transformers and peft. --pass-gib is what the engine may take for its passes; a run
 * takes training.memoryBudgetMiB. Every measurement runs in a process of its own. Plain and GLAD steps take turns; medians.
 */
const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1]!;
};

const steps = Number(option("steps", "5"));
const GiB = 2 ** 30;

interface Case {
  device: string;
  precision: Precision;
  classes: number;
  passGib: number;
}

interface GpuTimes extends StepTimes {
  /** GPU memory in use before the engine's end, by nvidia-smi; null without it. */
  gpuMiB: number | null;
}

async function measure({ device, precision, classes, passGib }: Case): Promise<GpuTimes> {
  let gpuMiB: number | null = null;
  const times = await timeSteps({
    classes,
    steps,
    threads: 0,
    device: parseDevice(device)!,
    precision,
    passMemory: passGib * GiB,
    beforeClose: () => (gpuMiB = gpuMemory()),
  });
  return { ...times, gpuMiB };
}

/** MiB in use on the first GPU. */
function gpuMemory(): number | null {
  try {
    const query = ["--query-gpu=memory.used", "--format=csv,noheader,nounits"];
    return Number.parseInt(execFileSync("nvidia-smi", query, { encoding: "utf8" }), 10);
  } catch {
    return null;
  }
}

/** What a measurement found, or the last lines of what it said. */
function child(one: Case): GpuTimes | string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [process.argv[1]!, "--one", JSON.stringify(one), "--steps", String(steps)],
    { encoding: "utf8", env: cudaEnvironment(), timeout: 300_000 },
  );
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1)!) as GpuTimes;
  const lines = stderr.trim().split("\n");
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? `exit ${status}`).slice(
    0,
    300,
  );
}

interface Theirs {
  seconds: number;
  peakMiB: number;
}

function pytorch(python: string, classes: number, precision: Precision): Theirs | null {
  const script = join(process.cwd(), "bench/pytorchStep.py");
  const args = ["--device", "cuda", "--precision", precision, "--classes", String(classes)];
  const { status, stdout } = spawnSync(python, [script, ...args, "--steps", String(steps)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return status === 0 ? (JSON.parse(stdout) as Theirs) : null;
}

async function main(): Promise<void> {
  const one = option("one", "");
  if (one !== "")
    return void process.stdout.write(JSON.stringify(await measure(JSON.parse(one) as Case)));
  const list = (name: string, fallback: string): string[] => option(name, fallback).split(",");
  const python = option("python", "");
  if (!existsSync(join(model, "model.safetensors"))) await writeRandomClip(model);
  console.log(
    "| precision | classes | device | passes | LoRA step | images/s | GLAD / LoRA | first step | GPU MiB | PyTorch's step | its MiB | times as fast |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|---|---|");
  for (const precision of list("precisions", "float32,float16") as Precision[])
    for (const classes of list("classes", "50,1000").map(Number)) {
      const theirs = python === "" ? null : pytorch(python, classes, precision);
      for (const device of list("devices", "cuda:0,webgpu"))
        for (const passGib of list("pass-gib", "2.5").map(Number))
          printRow({ device, precision, classes, passGib }, theirs);
    }
}

function printRow(one: Case, theirs: Theirs | null): void {
  const ours = child(one);
  const { device, precision, classes, passGib } = one;
  const start = `| ${precision} | ${classes} | ${device} |`;
  if (typeof ours === "string") return console.log(`${start} failed: ${ours} |`);
  const step = median(ours.plain);
  const { microBatchSize, classChunkSize } = ours.sizes;
  const cells = [
    `${passGib} GiB: ${microBatchSize} images, ${classChunkSize} classes`,
    `${(step * 1000).toFixed(0)} ms`,
    (batchSize / step).toFixed(0),
    median(ours.glad.map((seconds, i) => seconds / ours.plain[i]!)).toFixed(2),
    `${ours.first.toFixed(1)} s`,
    ours.gpuMiB ?? "-",
    theirs ? `${(theirs.seconds * 1000).toFixed(0)} ms` : "-",
    theirs?.peakMiB ?? "-",
    theirs ? (theirs.seconds / step).toFixed(2) : "-",
  ];
  console.log(`${start} ${cells.join(" | ")} |`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

void main();
