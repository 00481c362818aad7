import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constant, input } from "../src/graph/leaves";
import { toOnnx } from "../src/graph/onnx";
import { gemm, matrixFlops } from "../src/graph/ops/linear";
import { reduceSum } from "../src/graph/ops/reduce";
import { topologicalOrder } from "../src/graph/tensor";
import { type ClipProgram, imageLossProgram, textProgramInParts } from "../src/models/graphs";
import { type LoraSpec, loraSites } from "../src/models/lora";
import { type PromptBatch, promptBatch } from "../src/models/prompts";
import { openSnapshot } from "../src/models/snapshot";
import type { Snapshot } from "../src/models/types";
import { openSession } from "../src/runtime/session";
import { ClipEngine } from "../src/train/engine";
import { passSizes, type PassSizes } from "../src/train/passSizes";
import { initialState, takeStep } from "../src/train/step";
import { writeRandomClip } from "./randomClip";
import { report, row, type Row } from "./rows";

/**
 * A training step of ViT-B/16 (random weights, batch 32, LoRA as CLIP-LoRA's defaults, dropout included) on the CPU
 * against the same step in PyTorch, and against the machine's own rate of matrix products.
 *
 *   node bench/run.mjs step [--python /tmp/venv/bin/python] [--classes 50,100,500,1000] [--steps 3] [--threads 2]
 *     [--matmul auto|highest] [--memory-gib 16]
 *
 * PyTorch multiplies with the faster of its two matrix libraries (--matmul auto), or as installed (highest).
 * Every measurement runs in a process of its own. Plain and GLAD steps take turns; medians.
 */
const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1]!;
};

const threads = Number(option("threads", "2"));
const steps = Number(option("steps", "3"));
/** What PyTorch's step may take, where it is to be less than nine tenths of the machine's memory. */
const memory = option("memory-gib", "");
const batchSize = 32;
/** A random ViT-B/16 (600 MB), made once. */
const model = join(tmpdir(), "glad-bench-vit-b-16");
const lora: LoraSpec = {
  encoder: "both",
  targets: ["q", "k", "v"],
  layers: "all",
  rank: 2,
  alpha: 1,
  scaling: "rslora",
  dropout: 0.25,
};

interface Measured {
  /** Seconds of each step, plain and GLAD in turn. */
  plain: number[];
  glad: number[];
  /** Matrix arithmetic of a plain step. */
  work: number;
  peakMiB: number;
  sizes: PassSizes;
}

interface Theirs {
  seconds: number;
  peakMiB: number;
}

/** Times as fast as PyTorch, by number of classes. */
const goals = new Map([
  [50, 1.2],
  [100, 1.4],
  [500, 2.5],
  [1000, 3.5],
]);

/** Class names of one to three tokens, as those of the benchmark's data sets. */
function tokensOf(k: number): number[] {
  const name = Array.from({ length: 1 + (k % 3) }, (_, i) => 1000 + k * 7 + i);
  return [49406, 320, 1125, 539, 320, ...name, 269, 49407];
}

async function measure(classes: number): Promise<Measured> {
  const snapshot = await openSnapshot(model);
  const prompts = Array.from({ length: classes }, (_, k) => String(k));
  const encoded = promptBatch(
    prompts.map((_, k) => tokensOf(k)),
    snapshot.config.text,
  );
  const sizes = passSizes(
    snapshot.config,
    { microBatchSize: null, classChunkSize: null },
    { batchSize, classes, promptTokens: encoded.length, memoryBytes: 2.5 * 2 ** 30, cpu: true },
  );
  const engine = new ClipEngine({
    ...sizes,
    snapshot,
    lora,
    encode: (prompt) => tokensOf(Number(prompt)),
    prompts,
    device: { kind: "cpu" },
    deviceName: "cpu",
    deviceReason: "",
    threads,
    precision: "float32",
  });
  const batch = {
    pixels: Float32Array.from({ length: batchSize * 3 * 224 * 224 }, (_, i) => Math.sin(i)),
    labels: Int32Array.from({ length: batchSize }, (_, i) => i % classes),
    sampleIds: Int32Array.from({ length: batchSize }, (_, i) => i),
  };
  const optimizer = {
    learningRate: 2e-4,
    minLearningRate: 1e-6,
    betas: [0.9, 0.999] as [number, number],
    epsilon: 1e-8,
    weightDecay: 0.01,
    warmupSteps: 0,
    clipNorm: null,
  };
  let state = initialState(engine.initialParameters(1), "float32");
  const time = async (alpha: number): Promise<number> => {
    const started = performance.now();
    const result = await takeStep(engine, state, batch, 1, {
      glad: { alpha, rho: 0.05, period: 1 },
      optimizer,
      steps: 100,
    });
    state = result.state;
    return (performance.now() - started) / 1000;
  };
  // The first opens sessions and touches memory for the first time.
  await time(0);
  const plain: number[] = [];
  const glad: number[] = [];
  for (let i = 0; i < steps; i++) {
    plain.push(await time(0));
    glad.push(await time(0.5));
  }
  const work = neededFlops(snapshot, encoded);
  await engine.close();
  return {
    plain,
    glad,
    work,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    sizes,
  };
}

/**
 * Matrix arithmetic that a plain step needs: that of one pass over the whole batch and one over all classes. What is computed
 * again, or for padding, is not in it.
 */
function neededFlops(snapshot: Snapshot, { prefix, length, count }: PromptBatch): number {
  const sites = loraSites(snapshot.config, lora);
  const program: ClipProgram = { snapshot, sites, lora, dtype: "float32" };
  const shape = { prefix: prefix.length, length, count };
  const { first, second } = textProgramInParts(program, shape, true);
  const programs = [imageLossProgram(program, batchSize, count, true), first, second];
  return programs.reduce(
    (sum, outputs) => sum + matrixFlops(topologicalOrder(Object.values(outputs))),
    0,
  );
}

/** The best rate of a large plain matrix product, in GFLOP/s. */
async function matrixRate(): Promise<number> {
  let best = 0;
  for (const [m, k, n] of [
    [2048, 2048, 2048],
    [1576, 768, 3072],
    [4096, 1024, 1024],
  ] as const) {
    const values = new Float32Array(n * k).fill(0.25);
    const a = input("a", "float32", [m, k]);
    // With the second factor given anew, and with a constant one that onnxruntime has packed.
    for (const b of [input("b", "float32", [n, k]), constant(values, [n, k])]) {
      const y = reduceSum(gemm(a, b, { transB: true }), [0, 1]);
      const session = await openSession(toOnnx({ y }, { fusedMatMul: true }), {
        device: { kind: "cpu" },
        threads,
        packWeights: true,
      });
      const feeds = {
        a: { dtype: "float32", shape: [m, k], data: new Float32Array(m * k).fill(0.5) },
        b: { dtype: "float32", shape: [n, k], data: values },
      } as const;
      for (let i = 0; i < 12; i++) {
        const started = performance.now();
        await session.run(feeds);
        best = Math.max(best, (2 * m * k * n) / (performance.now() - started) / 1e6);
      }
      await session.release();
    }
  }
  return best;
}

function child(...args: string[]): string {
  const result = spawnSync(
    process.execPath,
    [process.argv[1]!, ...args, "--threads", String(threads), "--steps", String(steps)],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (result.status !== 0) throw new Error(`the measurement ${args.join(" ")} failed`);
  return result.stdout;
}

/** Seconds of PyTorch's step by number of classes; null where there is no PyTorch. */
function pytorch(python: string, classes: string, matmul: string): Map<number, Theirs> | null {
  const script = join(process.cwd(), "bench/pytorchStep.py");
  const args = [
    script,
    "--classes",
    classes,
    "--threads",
    String(threads),
    "--steps",
    String(steps),
    "--matmul",
    matmul,
    ...(memory === "" ? [] : ["--memory-gib", memory]),
  ];
  const result = spawnSync(python, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (result.status !== 0) return null;
  type Line = Theirs & { classes: number };
  const lines = result.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  return new Map(lines.map((line) => [line.classes, line]));
}

async function main(): Promise<void> {
  const one = option("one", "");
  if (one === "rate") return void process.stdout.write(String(await matrixRate()));
  if (one !== "") return void process.stdout.write(JSON.stringify(await measure(Number(one))));
  const classes = option("classes", "50,100,500,1000");
  const matmul = option("matmul", "auto");
  const python = option("python", process.env.GLAD_BENCH_PYTHON ?? "python3");
  if (!existsSync(join(model, "model.safetensors"))) await writeRandomClip(model);
  // The machine's best is looked for between the measurements: its clock and its other work change.
  let rate = 0;
  const ours = new Map<number, Measured>();
  for (const k of classes.split(",")) {
    rate = Math.max(rate, Number(child("--one", "rate")));
    ours.set(Number(k), JSON.parse(child("--one", k)) as Measured);
  }
  rate = Math.max(rate, Number(child("--one", "rate")));
  console.log(`best plain matrix product: ${rate.toFixed(0)} GFLOP/s on ${threads} threads\n`);
  const theirs = pytorch(python, classes, matmul);
  if (theirs === null)
    console.log(
      "PyTorch was not measured: give --python a Python that has it (bench/venv.sh FOLDER makes one)\n",
    );
  printSteps(ours, theirs);
  report([...ours].flatMap(([k, one]) => rowsOf(k, one, rate, theirs?.get(k))));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function rowsOf(
  classes: number,
  { plain, glad, work }: Measured,
  rate: number,
  theirs?: Theirs,
): Row[] {
  const step = median(plain);
  const least = goals.get(classes);
  const gigaflops = work / step / 1e9;
  const best = work / Math.min(...plain) / 1e9;
  const rows = [
    row(
      `GLAD step / LoRA step, ${classes} classes`,
      median(glad.map((seconds, i) => seconds / plain[i]!)),
      { most: 2.05 },
    ),
    row(
      `matrix rate of a LoRA step / best plain product, ${classes} classes`,
      gigaflops / rate,
      { least: 0.8 },
      `${gigaflops.toFixed(0)} of ${rate.toFixed(0)} GFLOP/s; best step ${best.toFixed(0)}`,
    ),
  ];
  if (least === undefined) return rows;
  const detail = theirs
    ? `${step.toFixed(2)} s against ${theirs.seconds.toFixed(2)} s`
    : "PyTorch is missing";
  const times = theirs ? theirs.seconds / step : NaN;
  return [
    row(`LoRA step, times as fast as PyTorch, ${classes} classes`, times, { least }, detail),
    ...rows,
  ];
}

function printSteps(ours: Map<number, Measured>, theirs: Map<number, Theirs> | null): void {
  console.log(
    "| classes | LoRA step | best | GLAD step | peak MiB | PyTorch's step | its peak MiB |",
  );
  console.log("|---|---|---|---|---|---|---|");
  for (const [k, { plain, glad, peakMiB }] of ours) {
    const other = theirs?.get(k);
    const cells = [
      k,
      `${median(plain).toFixed(2)} s`,
      `${Math.min(...plain).toFixed(2)} s`,
      `${median(glad).toFixed(2)} s`,
      peakMiB.toFixed(0),
      other ? `${other.seconds.toFixed(2)} s` : "-",
      other?.peakMiB.toFixed(0) ?? "-",
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

void main();
