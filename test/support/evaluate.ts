import { Input } from "../../src/graph/leaves";
import { type Dialect, plainDialect, toOnnx } from "../../src/graph/onnx";
import { type Tensor, topologicalOrder } from "../../src/graph/tensor";
import {
  type Device,
  type HostTensor,
  openSession,
  type TensorData,
} from "../../src/runtime/session";

type Values = Record<string, Float64Array | readonly number[]>;

/** Runs a graph on onnxruntime with values by input name. float64 graphs need the optimisation level "basic". */
export async function evaluate(
  outputs: Record<string, Tensor>,
  values: Values,
  options: { device?: Device; dialect?: Dialect; refuseCpuFallback?: boolean } = {},
): Promise<Record<string, HostTensor>> {
  const { device = { kind: "cpu" }, dialect = plainDialect, refuseCpuFallback = false } = options;
  const session = await openSession(toOnnx(outputs, dialect), {
    device,
    optimisation: device.kind === "cpu" && !dialect.fusedMatMul ? "basic" : "all",
    threads: 1,
    refuseCpuFallback,
  });
  try {
    return await session.run(feedsOf(Object.values(outputs), values));
  } finally {
    await session.release();
  }
}

/** The feeds of a graph's inputs from plain numbers, in each input's dtype. */
export function feedsOf(outputs: Tensor[], values: Values): Record<string, HostTensor> {
  const feeds: Record<string, HostTensor> = {};
  for (const node of topologicalOrder(outputs))
    if (node.op === (Input as unknown)) {
      const { name } = node.attrs as { name: string };
      feeds[name] = { dtype: node.dtype, shape: node.shape, data: store(node, values[name]!) };
    }
  return feeds;
}

function store({ dtype }: Tensor, values: Float64Array | readonly number[]): TensorData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from(Array.from(values, BigInt));
    case "bool":
      return Uint8Array.from(values);
    case "float16":
      throw new Error("feed float32 and cast");
  }
}

/** The numbers of a tensor that came out of a run. */
export function numbers(tensor: HostTensor | undefined): number[] {
  return Array.from(tensor!.data as ArrayLike<number | bigint>, Number);
}
