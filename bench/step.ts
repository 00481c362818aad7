import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { input } from "../src/graph/leaves";
import { toOnnx } from "../src/graph/onnx";
import { gemm, matrixFlops } from "../src/graph/ops/linear";
import { reduceSum } from "../src/graph/ops/reduce";
import { topologicalOrder } from "../src/graph/tensor";
import {
  type ClipProgram,
  imageLossProgram,
  textFeatureProgram,
  textGradientProgram,
} from "../src/models/graphs";
import { type LoraSpec, loraSites } from "../src/models/lora";
import { promptBatch } from "../src/models/prompts";
import { openSnapshot } from "../src/models/snapshot";
import { openSession } from "../src/runtime/session";
import { ClipEngine } from "../src/train/engine";
import { passSizes, type PassSizes } from "../src/train/passSizes";
import { initialState, takeStep } from "../src/train/step";
import { writeRandomClip } from "./randomClip";

/**
 * A training step of ViT-B/16 (random weights, batch 32, LoRA as CLIP-LoRA's defaults, dropout included) on the CPU
 * against the same step in PyTorch, and against the machine's own rate of matrix products.
 *
 *   node bench/run.mjs step [--python /tmp/venv/bin/python] [--classes 50,100,500,1000] [--steps 3] [--threads 2]
 *     [--matmul auto|highest] [--memory-gib 16]
 *
 * PyTorch multiplies with the faster of its two matrix libraries (--matmul auto), or as installed (highest).
 * Every measurement runs in a process of its own. Medians; ratios are of this one run.
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
  plain: number;
  glad: number;
  gigaflops: number;
  peakMiB: number;
  sizes: PassSizes;
}

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
    const seconds: number[] = [];
    // The first of each kind opens sessions and touches memory for the first time.
    for (let i = 0; i <= steps; i++) {
      const started = performance.now();
      const result = await takeStep(engine, state, batch, 1, {
        glad: { alpha, rho: 0.05, period: 1 },
        optimizer,
        steps: 100,
      });
      if (i > 0) seconds.push((performance.now() - started) / 1000);
      state = result.state;
    }
    return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
  };
  const plain = await time(0);
  const glad = await time(0.5);
  const program: ClipProgram = {
    snapshot,
    sites: loraSites(snapshot.config, lora),
    lora,
    dtype: "float32",
  };
  const shape = {
    prefix: encoded.prefix.length,
    length: encoded.length,
    count: sizes.classChunkSize,
  };
  const flops = (outputs: Parameters<typeof toOnnx>[0]): number =>
    matrixFlops(topologicalOrder(Object.values(outputs)));
  const work =
    flops(imageLossProgram(program, sizes.microBatchSize, classes, true)) *
      Math.ceil(batchSize / sizes.microBatchSize) +
    (flops(textFeatureProgram(program, shape, true)) +
      flops(textGradientProgram(program, shape, true))) *
      Math.ceil(classes / sizes.classChunkSize);
  await engine.close();
  return {
    plain,
    glad,
    gigaflops: work / plain / 1e9,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    sizes,
  };
}

/** The best rate of a large plain matrix product, in GFLOP/s. */
async function matrixRate(): Promise<number> {
  let best = 0;
  for (const [m, k, n] of [
    [2048, 2048, 2048],
    [1576, 768, 3072],
    [4096, 1024, 1024],
  ] as const) {
    const a = input("a", "float32", [m, k]);
    const b = input("b", "float32", [n, k]);
    const y = reduceSum(gemm(a, b, { transB: true }), [0, 1]);
    const session = await openSession(toOnnx({ y }, { fusedMatMul: true }), {
      device: { kind: "cpu" },
      threads,
    });
    const feeds = {
      a: { dtype: "float32", shape: [m, k], data: new Float32Array(m * k).fill(0.5) },
      b: { dtype: "float32", shape: [n, k], data: new Float32Array(n * k).fill(0.25) },
    } as const;
    for (let i = 0; i < 12; i++) {
      const started = performance.now();
      await session.run(feeds);
      best = Math.max(best, (2 * m * k * n) / (performance.now() - started) / 1e6);
    }
    await session.release();
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
function pytorch(
  python: string,
  classes: string,
  matmul: string,
): Map<number, { seconds: number; peakMiB: number }> | null {
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
  type Line = { classes: number; seconds: number; peakMiB: number };
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
  const rate = Number(child("--one", "rate"));
  console.log(`best plain matrix product: ${rate.toFixed(0)} GFLOP/s on ${threads} threads\n`);
  const ours = new Map(
    classes.split(",").map((k) => [Number(k), JSON.parse(child("--one", k)) as Measured]),
  );
  const torch = pytorch(python, classes, matmul);
  if (torch === null)
    console.log(
      "PyTorch was not measured: give --python a Python that has it (bench/venv.sh FOLDER makes one)\n",
    );
  console.log(
    "| classes | LoRA step | GLAD / LoRA | of the matrix rate | peak MiB | PyTorch's step | its peak MiB | times as fast |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const [k, { plain, glad, gigaflops, peakMiB }] of ours) {
    const theirs = torch?.get(k);
    const cells = [
      k,
      `${plain.toFixed(2)} s`,
      (glad / plain).toFixed(2),
      `${((100 * gigaflops) / rate).toFixed(0)}% (${gigaflops.toFixed(0)})`,
      peakMiB.toFixed(0),
      theirs ? `${theirs.seconds.toFixed(2)} s` : "-",
      theirs?.peakMiB.toFixed(0) ?? "-",
      theirs ? (theirs.seconds / plain).toFixed(2) : "-",
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

void main();
