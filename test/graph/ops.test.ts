import { describe, expect, test } from "vitest";
import {
  gelu,
  l2Normalise,
  logSumExp,
  quickGelu,
  softmaxCrossEntropy,
} from "../../src/graph/compositions";
import { constant, external, halfBits, input } from "../../src/graph/leaves";
import * as e from "../../src/graph/ops/elementwise";
import { gemm, matmul, matrixFlops } from "../../src/graph/ops/linear";
import { layerNorm, reduceMax, reduceMean, reduceSum, softmax } from "../../src/graph/ops/reduce";
import * as s from "../../src/graph/ops/shape";
import { scope, type Tensor, topologicalOrder } from "../../src/graph/tensor";
import { expectClose } from "../support/allclose";
import { evaluate, numbers } from "../support/evaluate";

const x23 = (): Tensor => constant([1, 2, 3, 4, 5, 6], [2, 3]);
const y = (shape: number[], ...values: number[]): Tensor => constant(values, shape);

/** Worked by hand, or by PyTorch 2.13 where the comment says so. */
const forward: Record<string, [Tensor, number[], number[]]> = {
  neg: [e.neg(x23()), [2, 3], [-1, -2, -3, -4, -5, -6]],
  exp: [e.exp(y([2], 0, 1)), [2], [1, Math.E]],
  log: [e.log(y([2], 1, Math.E)), [2], [0, 1]],
  sqrt: [e.sqrt(y([2], 4, 9)), [2], [2, 3]],
  sigmoid: [e.sigmoid(y([3], 0, 100, -100)), [3], [0.5, 1, 0]],
  // torch.erf
  erf: [e.erf(y([2], 0.5, -1)), [2], [0.5204998778, -0.8427007929]],
  add: [e.add(x23(), y([3], 10, 20, 30)), [2, 3], [11, 22, 33, 14, 25, 36]],
  sub: [e.sub(x23(), y([2, 1], 1, 2)), [2, 3], [0, 1, 2, 2, 3, 4]],
  mul: [e.mul(x23(), y([], 2)), [2, 3], [2, 4, 6, 8, 10, 12]],
  div: [e.div(y([2], 1, 2), y([1], 4)), [2], [0.25, 0.5]],
  where: [e.where(e.equal(x23(), y([3], 1, 5, 3)), x23(), y([], 0)), [2, 3], [1, 0, 3, 0, 5, 0]],
  castDown: [e.cast(y([2], 1.7, -1.7), "int32"), [2], [1, -1]],
  reshape: [s.reshape(x23(), [3, 2]), [3, 2], [1, 2, 3, 4, 5, 6]],
  transpose: [s.transpose(x23(), [1, 0]), [3, 2], [1, 4, 2, 5, 3, 6]],
  expand: [s.expand(y([2, 1], 1, 2), [2, 2]), [2, 2], [1, 1, 2, 2]],
  concat: [s.concat([x23(), y([2, 1], 7, 8)], 1), [2, 4], [1, 2, 3, 7, 4, 5, 6, 8]],
  slice: [s.slice(x23(), 1, 1, 3), [2, 2], [2, 3, 5, 6]],
  pad: [s.pad(x23(), 1, 1, 0), [2, 4], [0, 1, 2, 3, 0, 4, 5, 6]],
  gather: [s.gather(x23(), constant([1, 0, 1], [3], "int32")), [3, 3], [4, 5, 6, 1, 2, 3, 4, 5, 6]],
  reduceSum: [reduceSum(x23(), [0]), [3], [5, 7, 9]],
  reduceMean: [reduceMean(x23(), [1], true), [2, 1], [2, 5]],
  reduceMax: [reduceMax(x23(), [0, 1]), [], [6]],
  softmax: [softmax(y([2], 0, Math.log(3))), [2], [0.25, 0.75]],
  // torch.nn.functional.layer_norm
  layerNorm: [
    layerNorm(x23(), y([3], 1, 2, 3), y([3], 0, 0, 1), 1e-5),
    [2, 3],
    [-1.2247356, 0, 4.6742067, -1.2247356, 0, 4.6742067],
  ],
  gemm: [
    gemm(x23(), y([3, 2], 1, 0, 0, 1, 1, 1), { bias: y([2], 10, 20) }),
    [2, 2],
    [14, 25, 20, 31],
  ],
  gemmTransposed: [gemm(x23(), x23(), { transB: true }), [2, 2], [14, 32, 32, 77]],
  matmul: [matmul(y([2, 1, 2], 1, 2, 3, 4), y([2, 2, 1], 1, 1, 2, 2)), [2, 1, 1], [3, 14]],
  logSumExp: [logSumExp(y([1, 2], 1000, 1000)), [1], [1000 + Math.LN2]],
  quickGelu: [quickGelu(y([2], 1, -1)), [2], [0.8457957659, -0.1542042341]],
  // torch.nn.functional.gelu
  gelu: [gelu(y([2], 1, -1)), [2], [0.8413447461, -0.1586552539]],
  l2Normalise: [l2Normalise(y([1, 2], 3, 4)), [1, 2], [0.6, 0.8]],
  softmaxCrossEntropy: [
    softmaxCrossEntropy(y([2, 2], 0, 0, 5, 9), y([2, 2], 1, 0, 0, 0)),
    [],
    [Math.LN2],
  ],
};

describe("values", () => {
  test.each(Object.entries(forward))("%s", async (name, [out, shape, values]) => {
    const result = (await evaluate({ out }, {})).out!;
    expect(result.shape).toEqual(shape);
    expectClose(name, numbers(result), values, { relative: 1e-6, absolute: 1e-7 });
  });
});

describe("a wrong shape fails when the graph is built", () => {
  const f = (...shape: number[]): Tensor => input("x", "float32", shape);
  const wrong: Record<string, () => unknown> = {
    add: () => e.add(f(4, 3), f(4, 5)),
    mixed: () => e.mul(f(2), input("y", "float64", [2])),
    where: () => e.where(f(2), f(2), f(2)),
    reshape: () => s.reshape(f(2, 3), [4]),
    transpose: () => s.transpose(f(2, 3), [0, 0]),
    expand: () => s.expand(f(2, 3), [2, 4]),
    concat: () => s.concat([f(2, 3), f(3, 3)], 1),
    slice: () => s.slice(f(2, 3), 1, 2, 4),
    pad: () => s.pad(f(2, 3), 2, 0, 1),
    gather: () => s.gather(f(2, 3), f(2)),
    reduce: () => reduceSum(f(2), [1]),
    layerNorm: () => layerNorm(f(2, 3), f(2), f(3)),
    matmul: () => matmul(f(4, 3), f(2, 5)),
    matmulBatch: () => matmul(f(2, 4, 3), f(3, 3, 5), { transB: true }),
    gemm: () => gemm(f(4, 3), f(5, 4), { transB: true }),
    gemmBias: () => gemm(f(4, 3), f(3, 5), { bias: f(4) }),
    constant: () => constant([1, 2], [3]),
    external: () => external("w", { location: "f", offset: 0, length: 8 }, "float32", [3]),
    crossEntropy: () => softmaxCrossEntropy(f(2, 3), f(2, 4)),
    scoped: () => scope("vision", () => scope("blocks.3", () => e.add(f(2), f(3)))),
  };
  test("each with the requirement and the values", () => {
    const messages = Object.values(wrong).map((make) => {
      try {
        make();
      } catch (thrown) {
        return (thrown as Error).message;
      }
      return "nothing failed";
    });
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "add: cannot broadcast float32[4,3] with float32[4,5], 3 and 5 differ at axis 1
      mul: one dtype, float32[2] with float64[2]; cast one of them
      where: a bool condition, float32[2]
      reshape: the same number of elements, float32[2,3] to [4]
      transpose: each axis once, float32[2,3] by [0,0]
      expand: axes of 1 or of the target's size, float32[2,3] to [2,4]
      concat: tensors that differ in axis 1 only, float32[2,3] float32[3,3]
      slice: a non-empty range of an axis, float32[2,3] axis 1 from 2 to 4
      pad: zeros around an axis, float32[2,3] axis 2 by 0 and 1
      gather: integer rows, float32[2]
      reduceSum: axes of the tensor, float32[2] over [1]
      layerNorm: scale and bias as wide as the last axis, float32[2,3] with float32[2]
      matmul: equal batch axes and inner sizes, float32[4,3] x float32[2,5]
      matmul: equal batch axes and inner sizes, float32[2,4,3] x float32[3,3,5]^T
      gemm: two matrices of equal inner size, float32[4,3] x float32[5,4]^T
      gemm: a bias as wide as the product, float32[4] for 5
      constant: as many values as elements, 2 values for float32[3]
      external: bytes for every element, 8 bytes for float32[3] (w)
      softmaxCrossEntropy: targets like the logits, float32[2,3] with float32[2,4]
      vision.blocks.3: add: cannot broadcast float32[2] with float32[3], 2 and 3 differ at axis 0"
    `);
  });
});

test("half-precision bits round to nearest even, with subnormals, infinities and NaN", () => {
  // numpy.float16(values).view(numpy.uint16)
  const values = [0, -0, 1, -2, 65504, 65520, 1e-8, 6e-8, 2049, 2051, 0.1, Infinity, -Infinity];
  const bits = [
    0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0, 1, 0x6800, 0x6802, 0x2e66, 0x7c00, 0xfc00,
  ];
  expect([...halfBits(values)]).toEqual(bits);
  expect(halfBits([NaN])[0]! & 0x7c00).toBe(0x7c00);
  expect(halfBits([NaN])[0]! & 0x3ff).not.toBe(0);
});

test("matrixFlops counts two per multiply-add of every product", () => {
  const product = matmul(gemm(x23(), x23(), { transB: true }), y([2, 2], 1, 0, 0, 1));
  expect(matrixFlops(topologicalOrder([product]))).toBe(2 * 2 * 2 * 3 + 2 * 2 * 2 * 2);
});
