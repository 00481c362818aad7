import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  gelu,
  l2Normalise,
  logSumExp,
  quickGelu,
  softmaxCrossEntropy,
} from "../../src/graph/compositions";
import { pullback } from "../../src/graph/gradients";
import { constant, input } from "../../src/graph/leaves";
import * as e from "../../src/graph/ops/elementwise";
import { gemm, matmul } from "../../src/graph/ops/linear";
import { layerNorm, reduceMax, reduceMean, reduceSum, softmax } from "../../src/graph/ops/reduce";
import * as s from "../../src/graph/ops/shape";
import { sizeOf, type Tensor, topologicalOrder } from "../../src/graph/tensor";
import { expectClose } from "../support/allclose";
import { evaluate, numbers } from "../support/evaluate";
import { randomValues } from "../support/random";
import { hasSwiftShader, swiftShader } from "./builtProbe";

// Dawn reads this when the first WebGPU session of the process is opened.
process.env.VK_DRIVER_FILES = swiftShader;

interface Case {
  shapes: number[][];
  build: (...inputs: Tensor[]) => Tensor;
}

const rows = constant([2, 0, 2, 3, 2, 1], [2, 3], "int32");
const positive = (x: Tensor) => e.exp(x);

/** Every op and composition in float32, with its gradient, in the shapes that CLIP has. */
const cases: Record<string, Case> = {
  neg: { shapes: [[3, 5]], build: e.neg },
  exp: { shapes: [[3, 5]], build: e.exp },
  log: { shapes: [[3, 5]], build: (x) => e.log(positive(x)) },
  sqrt: { shapes: [[3, 5]], build: (x) => e.sqrt(positive(x)) },
  sigmoid: { shapes: [[3, 5]], build: e.sigmoid },
  erf: { shapes: [[3, 5]], build: e.erf },
  stopGradient: { shapes: [[3]], build: (x) => e.mul(x, e.stopGradient(x)) },
  "where, equal and cast": {
    shapes: [[2, 3], [3]],
    build: (x, y) => {
      const same = e.equal(constant([1, 0, 1], [3], "int32"), constant([1], [], "int32"));
      return e.mul(e.where(same, x, y), e.cast(constant([2, 3, 4], [3], "int32"), "float32"));
    },
  },
  reshape: { shapes: [[2, 3, 4]], build: (x) => s.reshape(x, [6, 4]) },
  "transpose of patches": {
    shapes: [[2, 3, 2, 4, 2, 4]],
    build: (x) => s.transpose(x, [0, 2, 4, 1, 3, 5]),
  },
  expand: { shapes: [[3, 1]], build: (x) => s.expand(x, [2, 3, 4]) },
  concat: {
    shapes: [
      [2, 1, 3],
      [2, 4, 3],
    ],
    build: (...parts) => s.concat(parts, 1),
  },
  slice: { shapes: [[2, 5, 3]], build: (x) => s.slice(x, 1, 1, 3) },
  "gather with repeated rows": { shapes: [[4, 3]], build: (x) => s.gather(x, rows) },
  reduceSum: { shapes: [[2, 3, 4]], build: (x) => reduceSum(x, [0, 2]) },
  "reduceSum to a scalar": { shapes: [[2, 3, 4]], build: (x) => reduceSum(x, [0, 1, 2]) },
  reduceMean: { shapes: [[2, 3, 4]], build: (x) => reduceMean(x, [1, 2], true) },
  reduceMax: { shapes: [[2, 3, 4]], build: (x) => e.sub(x, reduceMax(x, [2], true)) },
  softmax: { shapes: [[2, 3, 5, 5]], build: softmax },
  layerNorm: { shapes: [[2, 3, 8], [8], [8]], build: (x, w, b) => layerNorm(x, w, b, 1e-5) },
  gemm: {
    shapes: [[5, 7], [3, 7], [3]],
    build: (x, w, bias) => gemm(x, w, { transB: true, bias }),
  },
  "gemm, first transposed": {
    shapes: [
      [7, 5],
      [7, 3],
    ],
    build: (x, w) => gemm(x, w, { transA: true }),
  },
  matmul: {
    shapes: [
      [2, 3, 5, 7],
      [2, 3, 5, 7],
    ],
    build: (x, y) => matmul(x, y, { transB: true }),
  },
  "matmul, first transposed": {
    shapes: [
      [2, 3, 7, 5],
      [2, 3, 7, 4],
    ],
    build: (x, y) => matmul(x, y, { transA: true }),
  },
  logSumExp: { shapes: [[3, 4]], build: logSumExp },
  softmaxCrossEntropy: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    build: softmaxCrossEntropy,
  },
  quickGelu: { shapes: [[2, 3, 8]], build: quickGelu },
  gelu: { shapes: [[2, 3, 8]], build: gelu },
  l2Normalise: { shapes: [[3, 4]], build: l2Normalise },
};
const pairs: [number[], number[]][] = [
  [[2, 3], []],
  [[], [3]],
  [
    [4, 2, 3],
    [2, 1],
  ],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [
    [5, 1],
    [1, 7],
  ],
];
for (const [name, op] of Object.entries({ add: e.add, sub: e.sub, mul: e.mul, div: e.div }))
  for (const [a, b] of pairs)
    cases[`${name} [${a.join()}] [${b.join()}]`] = {
      shapes: [a, b],
      build: (x, y) => op(x, positive(y)),
    };

/** The op's value, the gradients of its randomly weighted sum, and values to feed. */
function program({ shapes, build }: Case) {
  const inputs = shapes.map((shape, i) => input(`x${i}`, "float32", shape));
  const y = build(...inputs);
  const weights = constant([...randomValues(sizeOf(y.shape), 99)], y.shape, "float32");
  const outputs: Record<string, Tensor> = { y };
  pullback(y, weights, inputs).forEach((g, i) => {
    outputs[`g${i}`] = g;
  });
  const values = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, randomValues(sizeOf(shape), i + 1)]),
  );
  return { outputs, values };
}

test("the cases use every op there is", () => {
  const folder = join(import.meta.dirname, "../../src/graph/ops");
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const defined = sources.flatMap((text) =>
    [...text.matchAll(/onnx: "(\w+)"/g)].map(([, op]) => op),
  );
  const used = new Set(
    Object.values(cases)
      .flatMap((one) => topologicalOrder(Object.values(program(one).outputs)))
      .map(({ op }) => op.onnx),
  );
  expect(defined.length).toBeGreaterThan(20);
  expect(defined.filter((op) => !used.has(op!))).toEqual([]);
});

describe.runIf(hasSwiftShader("ops on WebGPU"))(
  "on WebGPU as on the CPU, no node left to the CPU",
  () => {
    test.each(Object.entries(cases))("%s", async (_, one) => {
      const { outputs, values } = program(one);
      const expected = await evaluate(outputs, values);
      const device = { kind: "webgpu" } as const;
      const found = await evaluate(outputs, values, { device, refuseCpuFallback: true });
      for (const name of Object.keys(outputs)) {
        expect(found[name]!.shape).toEqual(expected[name]!.shape);
        // Sums of a few products of float32 numbers near 1; exp and erf of the GPU differ in the last digits.
        const want = numbers(expected[name]);
        expectClose(name, numbers(found[name]), want, { relative: 1e-5, absolute: 1e-6 });
      }
    });
  },
);
