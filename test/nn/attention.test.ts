import { expect, test } from "vitest";
import { gradients } from "../../src/graph/gradients";
import { constant, input } from "../../src/graph/leaves";
import { mul } from "../../src/graph/ops/elementwise";
import { reduceSum } from "../../src/graph/ops/reduce";
import { concat, slice } from "../../src/graph/ops/shape";
import type { Tensor } from "../../src/graph/tensor";
import { attention, causal, sharedPrefixAttention } from "../../src/nn/attention";
import { expectClose } from "../support/allclose";
import { evaluate, numbers } from "../support/evaluate";
import { checkGradient } from "../support/gradientCheck";
import { randomValues } from "../support/random";

const [prefix, own, sequences, heads, width] = [3, 2, 4, 2, 6];
const rows = prefix + sequences * own;

/** The shared rows once, then each sequence's own -> every sequence in full. */
function unshare(x: Tensor): Tensor {
  const shared = slice(x, 0, 0, prefix);
  return concat(
    Array.from({ length: sequences }, (_, k) => [
      shared,
      slice(x, 0, prefix + k * own, prefix + (k + 1) * own),
    ]).flat(),
    0,
  );
}

test("attention matches softmax(q k^T / sqrt(d)) v computed by hand", async () => {
  const [q, k, v] = ["q", "k", "v"].map((name) => input(name, "float64", [4, 4])) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const values = { q: randomValues(16, 1), k: randomValues(16, 2), v: randomValues(16, 3) };
  const out = numbers((await evaluate({ out: attention({ q, k, v }, 2, 2) }, values)).out);
  const want = Array.from({ length: 16 }, (_, n) => {
    const [row, column] = [Math.floor(n / 4), n % 4];
    const [sequence, head] = [Math.floor(row / 2), Math.floor(column / 2)];
    const scores = [0, 1].map((j) => {
      const key = sequence * 2 + j;
      const dot = [0, 1].reduce(
        (sum, d) => sum + values.q[row * 4 + head * 2 + d]! * values.k[key * 4 + head * 2 + d]!,
        0,
      );
      return Math.exp(dot / Math.sqrt(2));
    });
    const total = scores[0]! + scores[1]!;
    return scores.reduce(
      (sum, w, j) => sum + (w / total) * values.v[(sequence * 2 + j) * 4 + column]!,
      0,
    );
  });
  expectClose("attention", out, want, { relative: 1e-12 });
});

test("sharing a prefix changes neither values nor gradients", async () => {
  const inputs = ["q", "k", "v"].map((name) => input(name, "float64", [rows, width]));
  const [q, k, v] = inputs as [Tensor, Tensor, Tensor];
  const length = prefix + own;
  const shared = unshare(sharedPrefixAttention({ q, k, v }, prefix, sequences, heads));
  const full = attention(
    { q: unshare(q), k: unshare(k), v: unshare(v) },
    sequences,
    heads,
    causal(length, q),
  );
  const weights = constant(
    [...randomValues(sequences * length * width, 9)],
    [sequences * length, width],
    "float64",
  );
  const outputs: Record<string, Tensor> = { shared, full };
  for (const [name, out] of Object.entries({ shared, full }))
    gradients(reduceSum(mul(out, weights), [0, 1]), inputs).forEach(
      (g, i) => (outputs[`${name}${i}`] = g),
    );
  const values = Object.fromEntries(
    ["q", "k", "v"].map((name, i) => [name, randomValues(rows * width, i + 1, -3, 3)]),
  );
  const result = await evaluate(outputs, values);
  for (const suffix of ["", "0", "1", "2"])
    expectClose(
      `output ${suffix}`,
      numbers(result[`shared${suffix}`]),
      numbers(result[`full${suffix}`]),
      {
        relative: 1e-12,
      },
    );
  expect(numbers(result.shared).length).toBe(sequences * length * width);
});

test("the rule of attention's gradient agrees with central differences", async () => {
  await checkGradient("attention", {
    shapes: [
      [6, 4],
      [6, 4],
      [6, 4],
    ],
    build: (q, k, v) => attention({ q: q, k: k, v: v }, 2, 2),
  });
  await checkGradient("sharedPrefixAttention", {
    shapes: [
      [rows, width],
      [rows, width],
      [rows, width],
    ],
    build: (q, k, v) => sharedPrefixAttention({ q: q, k: k, v: v }, prefix, sequences, heads),
  });
});
