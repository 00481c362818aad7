import { gradients } from "../../src/graph/gradients";
import { constant, input } from "../../src/graph/leaves";
import { plainDialect, toOnnx } from "../../src/graph/onnx";
import { mul } from "../../src/graph/ops/elementwise";
import { reduceSum } from "../../src/graph/ops/reduce";
import { sizeOf, type Tensor } from "../../src/graph/tensor";
import { openSession } from "../../src/runtime/session";
import { feedsOf, numbers } from "./evaluate";
import { randomValues } from "./random";

export interface GradientCase {
  shapes: number[][];
  build: (...inputs: Tensor[]) => Tensor;
  /** Where the inputs' values are drawn from. */
  domain?: [number, number];
  /** float32 only where onnxruntime has no float64 kernel. */
  dtype?: "float64" | "float32";
}

/**
 * Compares the gradients of sum(R * build(inputs)), R random, with central differences along a random direction of each
 * input, both computed by onnxruntime in float64 (relative error below 1e-6; float32: below 5e-3, see style.md).
 */
export async function checkGradient(name: string, testCase: GradientCase): Promise<void> {
  const { shapes, build, domain: [low, high] = [-1, 1], dtype = "float64" } = testCase;
  const inputs = shapes.map((shape, i) => input(`x${i}`, dtype, shape));
  const out = build(...inputs);
  const weights = constant([...randomValues(sizeOf(out.shape), 99)], out.shape, dtype);
  const weighted = mul(out, weights);
  const scalarLoss = out.shape.length === 0 ? weighted : reduceSum(weighted, [...out.shape.keys()]);
  const found = gradients(scalarLoss, inputs);
  const outputs = { loss: scalarLoss, ...Object.fromEntries(found.map((g, i) => [`g${i}`, g])) };
  const session = await openSession(toOnnx(outputs, plainDialect), {
    device: { kind: "cpu" },
    optimisation: "basic",
    threads: 1,
  });
  const values = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, randomValues(sizeOf(shape), i + 1, low, high)]),
  );
  const step = dtype === "float64" ? 1e-5 : 1e-2;
  const tolerance = dtype === "float64" ? 1e-6 : 5e-3;
  const run = (v: typeof values) => session.run(feedsOf(Object.values(outputs), v));
  try {
    const base = await run(values);
    for (const [i, shape] of shapes.entries()) {
      const direction = randomValues(sizeOf(shape), 1000 + i);
      const moved = (sign: number) => ({
        ...values,
        [`x${i}`]: values[`x${i}`]!.map((x, j) => x + sign * step * direction[j]!),
      });
      const [up, down] = [await run(moved(1)), await run(moved(-1))];
      const difference = (numbers(up.loss)[0]! - numbers(down.loss)[0]!) / (2 * step);
      const gradient = numbers(base[`g${i}`]);
      if (base[`g${i}`]!.shape.join() !== shape.join())
        throw new Error(`${name}: gradient ${i} has shape ${base[`g${i}`]!.shape.join()}`);
      const along = gradient.reduce((sum, g, j) => sum + g * direction[j]!, 0);
      const scale = Math.max(
        gradient.reduce((sum, g, j) => sum + Math.abs(g * direction[j]!), 0),
        1e-3,
      );
      if (!(Math.abs(along - difference) <= tolerance * scale))
        throw new Error(
          `${name}: gradient of input ${i} along direction ${1000 + i} is ${along}, ` +
            `central difference ${difference}`,
        );
    }
  } finally {
    await session.release();
  }
}
