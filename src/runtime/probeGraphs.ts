import { constant, halfBits, input } from "../graph/leaves";
import { toOnnx, plainDialect } from "../graph/onnx";
import { add, mul } from "../graph/ops/elementwise";
import { matmul } from "../graph/ops/linear";
import { reduceMax } from "../graph/ops/reduce";
import type { HostTensor } from "./session";

export type Precision = "float32" | "float16";

/** Width of the matrices of the check. */
export const checkSize = 256;

/**
 * The check: one MatMul of two square matrices of -1, 0 and 1. Its sums are whole numbers up to 256, which float16
 * holds exactly, so every provider has to give `expected` to the bit.
 */
export function checkGraph(precision: Precision): {
  model: Uint8Array;
  feeds: Record<string, HostTensor>;
  expected: HostTensor["data"];
} {
  const n = checkSize;
  const shape = [n, n];
  const a = Float32Array.from({ length: n * n }, (_, i) => (((i * 7919) >> 3) % 3) - 1);
  const b = Float32Array.from({ length: n * n }, (_, i) => (((i * 104729) >> 4) % 3) - 1);
  const product = new Float32Array(n * n);
  for (let row = 0; row < n; row++)
    for (let k = 0; k < n; k++)
      for (let column = 0; column < n; column++)
        product[row * n + column]! += a[row * n + k]! * b[k * n + column]!;
  const stored = precision === "float16" ? halfBits : (values: Float32Array) => values;
  return {
    model: toOnnx(
      { y: matmul(input("a", precision, shape), constant(b, shape, precision)) },
      plainDialect,
    ),
    feeds: { a: { dtype: precision, shape, data: stored(a) } },
    expected: stored(product),
  };
}

/**
 * The measurement: `depth` products of [size, size] matrices one after the other. The matrices are made on the device
 * from two short vectors and only their maximum comes back, so that the time is the arithmetic's and not the bus's.
 */
export function rateGraph(
  precision: Precision,
  size: number,
  depth: number,
): { model: Uint8Array; feeds: Record<string, HostTensor>; flops: number } {
  // Positive rows that sum to 1: the values neither grow nor sink into denormal numbers.
  const weights = Float32Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 0.75 : 1.25) / size);
  const row = input("row", precision, [1, size]);
  const column = mul(
    constant(new Float32Array(size).fill(1), [size, 1], precision),
    input("one", precision, [1, 1]),
  );
  const matrix = mul(column, row);
  let result = add(matrix, column);
  for (let i = 0; i < depth; i++) result = matmul(result, matrix);
  const stored = precision === "float16" ? halfBits : (values: Float32Array) => values;
  return {
    model: toOnnx({ y: reduceMax(result, [0, 1]) }, plainDialect),
    feeds: {
      row: { dtype: precision, shape: [1, size], data: stored(weights) },
      one: { dtype: precision, shape: [1, 1], data: stored(Float32Array.of(1)) },
    },
    flops: 2 * size ** 3 * depth,
  };
}
