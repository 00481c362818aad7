import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { constant, input } from "../src/graph/leaves";
import { toOnnx } from "../src/graph/onnx";
import { gemm } from "../src/graph/ops/linear";
import { reduceSum } from "../src/graph/ops/reduce";
import { openSession } from "../src/runtime/session";
import { writeRandomClip } from "./randomClip";
import { report, row, type Row } from "./rows";
import { model, type StepTimes, timeSteps, type Work, workOf } from "./stepTime";

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

function timeOnCpu(classes: number): Promise<StepTimes> {
  return timeSteps({
    classes,
    steps,
    threads,
    device: { kind: "cpu" },
    precision: "float32",
    passMemory: 2.5 * 2 ** 30,
  });
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
  if (one !== "") return void process.stdout.write(JSON.stringify(await timeOnCpu(Number(one))));
  const classes = option("classes", "50,100,500,1000");
  const matmul = option("matmul", "auto");
  const python = option("python", process.env.GLAD_BENCH_PYTHON ?? "python3");
  if (!existsSync(join(model, "model.safetensors"))) await writeRandomClip(model);
  // The machine's best is looked for between the measurements: its clock and its other work change.
  let rate = 0;
  const ours = new Map<number, StepTimes>();
  for (const k of classes.split(",")) {
    rate = Math.max(rate, Number(child("--one", "rate")));
    ours.set(Number(k), JSON.parse(child("--one", k)) as StepTimes);
  }
  rate = Math.max(rate, Number(child("--one", "rate")));
  console.log(`best plain matrix product: ${rate.toFixed(0)} GFLOP/s on ${threads} threads\n`);
  const theirs = pytorch(python, classes, matmul);
  if (theirs === null)
    console.log(
      "PyTorch was not measured: give --python a Python that has it (bench/venv.sh FOLDER makes one)\n",
    );
  printSteps(ours, theirs);
  const rows: Row[] = [];
  for (const [k, one] of ours)
    rows.push(...rowsOf(k, one, await workOf(k, one.sizes), rate, theirs?.get(k)));
  report(rows);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function rowsOf(
  classes: number,
  { plain, glad }: StepTimes,
  work: Work,
  rate: number,
  theirs?: Theirs,
): Row[] {
  const step = median(plain);
  const least = goals.get(classes);
  const gigaflops = work.done / step / 1e9;
  const needed = work.needed / step / 1e9;
  const best = work.done / Math.min(...plain) / 1e9;
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
      `${gigaflops.toFixed(0)} of ${rate.toFixed(0)} GFLOP/s, ${needed.toFixed(0)} of what is not computed twice; best step ${best.toFixed(0)}`,
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

function printSteps(ours: Map<number, StepTimes>, theirs: Map<number, Theirs> | null): void {
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
