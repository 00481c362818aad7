import { expect, test } from "vitest";
import { input } from "../../src/graph/leaves";
import { toOnnx } from "../../src/graph/onnx";
import { add, exp, mul } from "../../src/graph/ops/elementwise";
import { gemm, isProduct } from "../../src/graph/ops/linear";
import { splitProgram } from "../../src/graph/split";
import { topologicalOrder } from "../../src/graph/tensor";
import { openSession } from "../../src/runtime/session";
import { emptyTensor } from "../../src/train/feeds";
import { evaluate, feedsOf, numbers } from "../support/evaluate";
import { randomValues } from "../support/random";

const a = input("a", "float32", [3, 4]);
const b = input("b", "float32", [4, 5]);
const c = input("c", "float32", [3, 5]);
const values = { a: randomValues(12, 1), b: randomValues(20, 2), c: randomValues(15, 3) };
const sum = add(c, gemm(a, b));
const first = { value: exp(sum) };
const second = { gradient: gemm(mul(exp(sum), c), b, { transB: true }) };

test("what both parts need is kept where it is heavy and computed again where it is not", () => {
  const parts = splitProgram(first, second, isProduct);
  // The sum is part of the product by then.
  expect([...parts.kept.values()].map(({ shape }) => shape)).toEqual([[3, 5]]);
  const products = topologicalOrder(Object.values(parts.second)).filter(isProduct);
  expect(products).toHaveLength(1);
  expect(Object.keys(parts.first)).toEqual(["value", "kept.0"]);
});

test("a program in two parts computes what it computes in one", async () => {
  const whole = await evaluate({ ...first, ...second }, values);
  const parts = splitProgram(first, second, isProduct);
  const kept = Object.fromEntries([...parts.kept].map(([name, type]) => [name, emptyTensor(type)]));
  const feeds = feedsOf(Object.values({ ...first, ...second }), values);
  const open = (outputs: typeof first | Record<string, typeof sum>) =>
    openSession(toOnnx(outputs, { fusedMatMul: false }), { device: { kind: "cpu" }, threads: 1 });
  const [forward, backward] = [await open(parts.first), await open(parts.second)];
  const { value, ...others } = await forward.run(feeds, kept);
  expect(Object.keys(others)).toEqual([]);
  const { gradient } = await backward.run({ ...feeds, ...kept });
  expect(numbers(value)).toEqual(numbers(whole.value));
  expect(numbers(gradient)).toEqual(numbers(whole.gradient));
  await forward.release();
  await backward.release();
});
