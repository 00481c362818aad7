import { describe, expect, test } from "vitest";
import {
  gelu,
  l2Normalise,
  logSumExp,
  quickGelu,
  softmaxCrossEntropy,
} from "../../src/graph/compositions";
import { gradients } from "../../src/graph/gradients";
import { constant, input } from "../../src/graph/leaves";
import * as e from "../../src/graph/ops/elementwise";
import { gemm, matmul } from "../../src/graph/ops/linear";
import { layerNorm, reduceMean, reduceSum, softmax } from "../../src/graph/ops/reduce";
import * as s from "../../src/graph/ops/shape";
import { evaluate, numbers } from "../support/evaluate";
import { checkGradient, type GradientCase } from "../support/gradientCheck";
import { randomValues } from "../support/random";

/** Pairs of shapes that broadcast in every way: equal, scalar, leading axes, inner ones, both sides. */
const broadcastPairs: [number[], number[]][] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], []],
  [[], [3]],
  [[4, 2, 3], [3]],
  [
    [4, 2, 3],
    [2, 1],
  ],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [[1], [1, 1, 1]],
  [
    [5, 1],
    [1, 7],
  ],
];

const binary = { add: e.add, sub: e.sub, mul: e.mul, div: e.div };
const positive: [number, number] = [0.5, 2];

const cases: Record<string, GradientCase> = {
  neg: { shapes: [[3]], build: e.neg },
  exp: { shapes: [[2, 3]], build: e.exp },
  log: { shapes: [[2, 3]], build: e.log, domain: positive },
  sqrt: { shapes: [[2, 3]], build: e.sqrt, domain: positive },
  sigmoid: { shapes: [[2, 3]], build: e.sigmoid },
  // onnxruntime's CPU provider has no float64 Erf.
  erf: { shapes: [[2, 3]], build: e.erf, dtype: "float32" },
  gelu: { shapes: [[2, 3]], build: gelu, dtype: "float32" },
  castThere: { shapes: [[2, 3]], build: (x) => e.cast(e.mul(x, x), "float64") },
  where: {
    shapes: [[2, 3], [3]],
    build: (x, y) =>
      e.where(e.equal(constant([1, 0, 1], [3], "int32"), constant([1], [], "int32")), x, y),
  },
  stopGradient: { shapes: [[3]], build: (x) => e.mul(x, constant([2, 3, 4], [3], "float64")) },
  reshape: { shapes: [[2, 3, 4]], build: (x) => s.reshape(x, [6, 4]) },
  transpose: { shapes: [[2, 3, 4]], build: (x) => s.transpose(x, [2, 0, 1]) },
  transposeLast: { shapes: [[2, 3, 4]], build: s.transposeLast },
  expand: { shapes: [[3, 1]], build: (x) => s.expand(x, [2, 3, 4]) },
  concat: {
    shapes: [
      [2, 1, 3],
      [2, 4, 3],
      [2, 2, 3],
    ],
    build: (...parts) => s.concat(parts, 1),
  },
  slice: { shapes: [[2, 5, 3]], build: (x) => s.slice(x, 1, 1, 3) },
  pad: { shapes: [[2, 5]], build: (x) => s.pad(x, 1, 2, 1) },
  sliceEnd: { shapes: [[5]], build: (x) => s.slice(x, 0, 4, 5) },
  gather: {
    shapes: [[4, 3]],
    build: (x) => s.gather(x, constant([2, 0, 2, 3, 2, 1], [2, 3], "int32")),
  },
  sumTo: { shapes: [[4, 2, 3]], build: (x) => s.sumTo(x, [2, 1]) },
  reduceSum: { shapes: [[2, 3, 4]], build: (x) => reduceSum(x, [0, 2]) },
  reduceSumKept: { shapes: [[2, 3, 4]], build: (x) => reduceSum(x, [1], true) },
  reduceMean: { shapes: [[2, 3, 4]], build: (x) => reduceMean(x, [1, 2]) },
  softmax: { shapes: [[2, 3, 5]], build: softmax },
  layerNorm: { shapes: [[2, 3, 5], [5], [5]], build: (x, w, b) => layerNorm(x, w, b, 1e-5) },
  layerNormMatrix: { shapes: [[4, 3], [3], [3]], build: (x, w, b) => layerNorm(x, w, b, 1e-2) },
  logSumExp: { shapes: [[3, 4]], build: logSumExp },
  softmaxCrossEntropy: {
    shapes: [[3, 4]],
    build: (x) =>
      softmaxCrossEntropy(x, constant([0.5, 0, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0], [3, 4], "float64")),
  },
  quickGelu: { shapes: [[2, 3]], build: quickGelu, domain: [-4, 4] },
  l2Normalise: { shapes: [[3, 4]], build: l2Normalise },
  secondUse: { shapes: [[3]], build: (x) => e.add(e.mul(x, x), e.exp(e.mul(x, x))) },
};
for (const [name, op] of Object.entries(binary))
  for (const [a, b] of broadcastPairs)
    cases[`${name} [${a.join()}] [${b.join()}]`] = { shapes: [a, b], build: op, domain: positive };
for (const transA of [false, true])
  for (const transB of [false, true]) {
    const a = transA ? [3, 2] : [2, 3];
    const b = transB ? [5, 3] : [3, 5];
    const flags = { transA, transB };
    const mark = `${transA ? "T" : "N"}${transB ? "T" : "N"}`;
    cases[`gemm ${mark}`] = {
      shapes: [a, b, [5]],
      build: (x, y, bias) => gemm(x, y, { ...flags, bias: bias }),
    };
    cases[`gemm ${mark} without bias`] = { shapes: [a, b], build: (x, y) => gemm(x, y, flags) };
    cases[`matmul ${mark}`] = {
      shapes: [
        [2, 4, ...a],
        [2, 4, ...b],
      ],
      build: (x, y) => matmul(x, y, flags),
    };
  }

describe("gradients against central differences in float64", () => {
  test.each(Object.entries(cases))("%s", async (name, testCase) => {
    await checkGradient(name, testCase);
  });
});

describe("the backward walk", () => {
  test("gives zeros to a leaf that the loss does not use", async () => {
    const [x, unused] = [input("x", "float32", [2]), input("unused", "float32", [3])];
    const [, g] = gradients(reduceSum(x, [0]), [x, unused]);
    expect(numbers((await evaluate({ g: g! }, {})).g)).toEqual([0, 0, 0]);
  });

  test("passes nothing through stopGradient", async () => {
    const x = input("x", "float32", [2]);
    const [g] = gradients(reduceSum(e.mul(x, e.stopGradient(x)), [0]), [x]);
    expect(numbers((await evaluate({ g: g! }, { x: [3, 4] })).g)).toEqual([3, 4]);
  });

  test("makes no node for a frozen factor", async () => {
    const frozen = input("frozen", "float32", [3, 3]);
    const x = input("x", "float32", [2, 3]);
    const [g] = gradients(reduceSum(gemm(x, frozen), [0, 1]), [x]);
    const result = await evaluate({ g: g! }, { frozen: [...randomValues(9, 1)] });
    expect(result.g!.shape).toEqual([2, 3]);
  });

  test("refuses a loss that is not a scalar", () => {
    const x = input("x", "float32", [2]);
    expect(() => gradients(x, [x])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: gradients: a scalar loss, float32[2]]`,
    );
  });
});
