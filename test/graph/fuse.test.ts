import { expect, test } from "vitest";
import { fuse } from "../../src/graph/fuse";
import { gradients } from "../../src/graph/gradients";
import { constant, input, scalar } from "../../src/graph/leaves";
import { add, exp, mul } from "../../src/graph/ops/elementwise";
import { gemm, gemmFlags } from "../../src/graph/ops/linear";
import { reduceSum } from "../../src/graph/ops/reduce";
import { pad, slice } from "../../src/graph/ops/shape";
import { type Tensor, topologicalOrder } from "../../src/graph/tensor";
import { expectClose } from "../support/allclose";
import { evaluate, numbers } from "../support/evaluate";
import { randomValues } from "../support/random";

const a = input("a", "float32", [3, 4]);
const b = input("b", "float32", [4, 5]);
const c = input("c", "float32", [3, 5]);
const bias = constant([1, 2, 3, 4, 5], [5]);
const values = { a: randomValues(12, 1), b: randomValues(20, 2), c: randomValues(15, 3) };
const half = scalar(0.5, a);

const product = (i: number, j: number): number =>
  [0, 1, 2, 3].reduce((sum, k) => sum + values.a[i * 4 + k]! * values.b[k * 5 + j]!, 0);
const each = (f: (i: number, j: number) => number): number[] =>
  Array.from({ length: 15 }, (_, n) => f(Math.floor(n / 5), n % 5));

const cases: Record<string, [Tensor, number[]]> = {
  "c (A B)": [mul(gemm(a, b), half), each((i, j) => 0.5 * product(i, j))],
  "c (A B + bias)": [
    mul(half, gemm(a, b, { bias })),
    each((i, j) => 0.5 * (product(i, j) + j + 1)),
  ],
  "(c A) B": [gemm(mul(a, half), b), each((i, j) => 0.5 * product(i, j))],
  "(c A) B + bias": [gemm(mul(a, half), b, { bias }), each((i, j) => 0.5 * product(i, j) + j + 1)],
  "C + A B": [add(c, gemm(a, b)), each((i, j) => values.c[i * 5 + j]! + product(i, j))],
  "c (C + (c A) B)": [
    mul(add(gemm(mul(a, half), b), c), half),
    each((i, j) => 0.5 * (values.c[i * 5 + j]! + 0.5 * product(i, j))),
  ],
};

test.each(Object.entries(cases))(
  "%s becomes one Gemm of the same value",
  async (name, [out, want]) => {
    const fused = fuse({ out });
    const computing = topologicalOrder(Object.values(fused)).filter(
      (node) => node.inputs.length > 0,
    );
    expect(computing.map((node) => node.op.onnx)).toEqual(["Gemm"]);
    expectClose(name, numbers((await evaluate({ out }, values)).out), want, { relative: 1e-6 });
  },
);

test("gradients of slices side by side are put together", async () => {
  const x = input("a", "float32", [3, 4]);
  const parts = [slice(x, 1, 0, 1), slice(x, 1, 1, 4)] as const;
  const gradient = (left: Tensor, right: Tensor): Tensor =>
    gradients(add(reduceSum(exp(left), [0, 1]), reduceSum(mul(right, right), [0, 1])), [x])[0]!;
  const out = gradient(...parts);
  const names = topologicalOrder(Object.values(fuse({ out }))).map((node) => node.op.onnx);
  expect(names).toContain("Concat");
  expect(names).not.toContain("Pad");
  const want = [...values.a].map((value, i) => (i % 4 === 0 ? Math.exp(value) : 2 * value));
  expectClose("gradient", numbers((await evaluate({ out }, { a: values.a })).out), want, {
    relative: 1e-6,
  });

  // Where they overlap, or leave a gap, there is a sum.
  for (const other of [slice(x, 1, 0, 2), slice(x, 1, 2, 4)]) {
    const kept = fuse({ out: gradient(parts[0], other) });
    expect(topologicalOrder(Object.values(kept)).map((node) => node.op.onnx)).toContain("Pad");
  }
});

test("paddings that are broadcast onto one another are summed", () => {
  const [wide, thin] = [input("w", "float32", [2, 3]), input("t", "float32", [3, 1])];
  const out = add(pad(wide, 0, 0, 3), pad(thin, 0, 2, 0));
  expect(fuse({ out }).out).toBe(out);
});

test("a product with a second user is left alone", () => {
  const shared = gemm(a, b);
  const out = add(exp(shared), mul(shared, half));
  const products = topologicalOrder(Object.values(fuse({ out }))).filter((node) => gemmFlags(node));
  expect(products).toEqual([shared]);
});
