import { expect, test } from "vitest";
import { gradients } from "../../src/graph/gradients";
import { constant, input } from "../../src/graph/leaves";
import { mul } from "../../src/graph/ops/elementwise";
import { reduceSum } from "../../src/graph/ops/reduce";
import { gather } from "../../src/graph/ops/shape";
import type { Tensor } from "../../src/graph/tensor";
import { attention, causal, sharedPrefixAttention } from "../../src/nn/attention";
import { fromGrid, type Ragged, toGrid } from "../../src/nn/ragged";
import { expectClose } from "../support/allclose";
import { evaluate, numbers } from "../support/evaluate";
import { randomValues } from "../support/random";

// Three sequences of 3, 1 and 2 own tokens behind two shared ones, and two fillers.
const [prefix, longest, heads, width] = [2, 3, 2, 6];
const lengths = [3, 1, 2];
const rows = 8;
const ids = (values: number[]): Tensor =>
  constant(Int32Array.from(values), [values.length], "int32");
const ragged: Ragged = {
  grid: ids([2, 3, 4, 5, 9, 9, 6, 7, 9]),
  cells: ids([0, 1, 2, 3, 6, 7, 0, 0]),
  real: constant([1, 1, 1, 1, 1, 1, 0, 0], [rows, 1], "float64"),
};
/** The rows of each sequence in full, shared ones first. */
const sequences = [
  [0, 1, 2, 3, 4],
  [0, 1, 5],
  [0, 1, 6, 7],
];
const qkv = ["q", "k", "v"].map((name) => input(name, "float64", [prefix + rows, width]));
const [q, k, v] = qkv as [Tensor, Tensor, Tensor];
const values = Object.fromEntries(
  ["q", "k", "v"].map((name, i) => [name, randomValues((prefix + rows) * width, i + 1, -3, 3)]),
);

test("attention among ragged rows is that of each sequence alone, in values and gradients", async () => {
  const joint = sharedPrefixAttention({ q, k, v }, prefix, lengths.length, heads, ragged);
  const outputs: Record<string, Tensor> = {};
  sequences.forEach((own, n) => {
    const weights = constant(
      [...randomValues(own.length * width, 20 + n)],
      [own.length, width],
      "float64",
    );
    const [qs, ks, vs] = [q, k, v].map((x) => gather(x, ids(own))) as [Tensor, Tensor, Tensor];
    const alone = attention({ q: qs, k: ks, v: vs }, 1, heads, causal(own.length, qs));
    for (const [name, out] of [
      ["alone", alone],
      ["joint", gather(joint, ids(own))],
    ] as const) {
      outputs[`${name} ${n}`] = out;
      gradients(reduceSum(mul(out, weights), [0, 1]), qkv).forEach(
        (g, i) => (outputs[`${name} ${n} ${i}`] = g),
      );
    }
  });
  const result = await evaluate(outputs, values);
  for (const n of sequences.keys())
    for (const what of ["", " 0", " 1", " 2"]) {
      const got = numbers(result[`joint ${n}${what}`]);
      expectClose(`${n}${what}`, got, numbers(result[`alone ${n}${what}`]), {
        relative: 1e-12,
        absolute: 1e-13,
      });
      expect(got.some((value) => Math.abs(value) > 1e-3)).toBe(true);
    }
});

test("fillers get no gradient from the grid, cells behind an end none from the rows", async () => {
  const grid = toGrid(q, ragged);
  const cells = input("cells", "float64", [lengths.length * longest, width]);
  const shared = input("shared", "float64", [prefix, width]);
  const sum = (x: Tensor): Tensor => reduceSum(x, [0, 1]);
  const [ofRows] = gradients(sum(grid), [q]);
  const joined = fromGrid(shared, cells, ragged);
  // What is read of the rows is all but the fillers.
  const read = gather(joined, ids([0, 1, 2, 3, 4, 5, 6, 7]));
  const [ofShared, ofCells] = gradients(sum(read), [shared, cells]);
  const result = await evaluate(
    { ofRows: ofRows!, ofShared: ofShared!, ofCells: ofCells! },
    {
      ...values,
      cells: randomValues(lengths.length * longest * width, 5),
      shared: randomValues(prefix * width, 6),
    },
  );
  const firsts = (name: keyof typeof result): number[] =>
    numbers(result[name]).filter((_, i) => i % width === 0);
  expect(firsts("ofRows")).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 0, 0]);
  expect(firsts("ofShared")).toEqual([1, 1]);
  expect(firsts("ofCells")).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0]);
});
