import { scalar } from "../graph/leaves";
import { add, mul } from "../graph/ops/elementwise";
import { gemm } from "../graph/ops/linear";
import { layerNorm } from "../graph/ops/reduce";
import type { Tensor } from "../graph/tensor";

/** A linear map as checkpoints store it: weight [out, in], bias [out]. */
export interface Linear {
  weight: Tensor;
  bias?: Tensor;
}

/** Scale and shift of a layer normalisation, both [D]. */
export interface Norm {
  weight: Tensor;
  bias: Tensor;
  epsilon: number;
}

/** A low-rank adapter of a linear map, as PEFT stores it: a [R, in], b [out, R]. */
export interface Adapter {
  a: Tensor;
  b: Tensor;
  /** alpha / sqrt(R) or alpha / R. */
  scaling: number;
  /** Dropout mask of the adapter's input, [N, in]: 0 or 1 / (1 - p); absent outside training. */
  mask?: Tensor;
}

/** x W^T + bias: [N, in] -> [N, out]. */
export function linear({ weight, bias }: Linear, x: Tensor): Tensor {
  return gemm(x, weight, { transB: true, ...(bias ? { bias } : {}) });
}

/** x W^T + bias + scaling (mask x) A^T B^T: [N, in] -> [N, out] (Hu et al. 2021; without an adapter, the linear map). */
export function loraLinear(frozen: Linear, adapter: Adapter | undefined, x: Tensor): Tensor {
  const y = linear(frozen, x);
  if (adapter === undefined) return y;
  const { a, b, scaling, mask } = adapter;
  const down = gemm(mask ? mul(x, mask) : x, a, { transB: true }); // [N, R]
  return add(y, gemm(mul(down, scalar(scaling, down)), b, { transB: true }));
}

/** Layer normalisation over the last axis. */
export function norm({ weight, bias, epsilon }: Norm, x: Tensor): Tensor {
  return layerNorm(x, weight, bias, epsilon);
}
