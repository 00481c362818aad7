import { scalar } from "../leaves";
import { apply, describe, fail, type Op, type Shape, type Tensor, type Type } from "../tensor";
import { cast, mul, sub } from "./elementwise";
import { expand, reshape } from "./shape";

/** Operators that shrink axes, and those that normalise along the last one. */

type Unary = readonly [Tensor];
interface Axes {
  axes: readonly number[];
  keep: boolean;
}

const encodeAxes = ({ axes, keep }: Axes) => ({
  attributes: { keepdims: keep ? 1 : 0 },
  parameters: [axes],
});

const ReduceSum: Op<Unary, Axes> = {
  onnx: "ReduceSum",
  type: ([x], attrs) => reduced("reduceSum", x, attrs),
  vjp: (g, [x], _, { axes }) => [expand(reshape(g, kept(x, axes)), x.shape)],
  encode: encodeAxes,
};
/** Sum over `axes`; `keep` leaves them with size 1. */
export function reduceSum(x: Tensor, axes: readonly number[], keep = false): Tensor {
  return apply(ReduceSum, [x], { axes, keep });
}

const ReduceMean: Op<Unary, Axes> = {
  onnx: "ReduceMean",
  type: ([x], attrs) => reduced("reduceMean", x, attrs),
  vjp: (g, [x], out, { axes }) => {
    const share = scalar(sizeRatio(out, x), g);
    return [expand(reshape(mul(g, share), kept(x, axes)), x.shape)];
  },
  encode: encodeAxes,
};
/** Mean over `axes`; `keep` leaves them with size 1. */
export function reduceMean(x: Tensor, axes: readonly number[], keep = false): Tensor {
  return apply(ReduceMean, [x], { axes, keep });
}

const ReduceMax: Op<Unary, Axes> = {
  onnx: "ReduceMax",
  type: ([x], attrs) => reduced("reduceMax", x, attrs),
  vjp: null,
  encode: encodeAxes,
};
/** Maximum over `axes`. It has no gradient: it serves to shift exponentials, where none is due. */
export function reduceMax(x: Tensor, axes: readonly number[], keep = false): Tensor {
  return apply(ReduceMax, [x], { axes, keep });
}

const Softmax: Op<Unary, Record<string, never>> = {
  onnx: "Softmax",
  type: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  // d softmax: p (g - sum(g p))
  vjp: (g, _, p) => [mul(p, sub(g, reduceSum(mul(g, p), [p.shape.length - 1], true)))],
  encode: () => ({ attributes: { axis: -1 } }),
};
/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  if (x.shape.length === 0) fail(`softmax: at least one axis, ${describe(x)}`);
  return apply(Softmax, [x], {});
}

type Normalised = readonly [x: Tensor, scale: Tensor, bias: Tensor];

const LayerNormalization: Op<Normalised, { epsilon: number }> = {
  onnx: "LayerNormalization",
  type: ([x, scale, bias]) => {
    const width = x.shape.at(-1);
    for (const parameter of [scale, bias])
      if (
        parameter.shape.length !== 1 ||
        parameter.shape[0] !== width ||
        parameter.dtype !== x.dtype
      )
        fail(
          `layerNorm: scale and bias as wide as the last axis, ${describe(x)} with ${describe(parameter)}`,
        );
    return { dtype: x.dtype, shape: x.shape };
  },
  // The mean and 1 / std of each row, which onnxruntime keeps in float32 whatever x is.
  moreOutputs: ([x]) => {
    const type = {
      dtype: "float32",
      shape: x.shape.map((n, axis) => (axis === x.shape.length - 1 ? 1 : n)),
    } as const;
    return [type, type];
  },
  // With n = (x - mean) / std and h = g scale: dx = (h - mean(h) - n mean(h n)) / std, dscale = g n, dbias = g.
  vjp: (g, [x, scale, bias], out) => {
    const last = [x.shape.length - 1];
    const mean = cast(output(out, 1), x.dtype);
    const inverse = cast(output(out, 2), x.dtype);
    const n = mul(sub(x, mean), inverse);
    const h = mul(g, scale);
    const along = mul(n, reduceMean(mul(h, n), last, true));
    const dx = mul(sub(sub(h, reduceMean(h, last, true)), along), inverse);
    return [dx, sumToVector(mul(g, n), scale.shape), sumToVector(g, bias.shape)];
  },
  encode: ({ epsilon }) => ({ attributes: { axis: -1, epsilon: { float: epsilon } } }),
};
/** (x - mean) / sqrt(variance + epsilon) * scale + bias over the last axis (biased variance, as PyTorch). */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  return apply(LayerNormalization, [x, scale, bias], { epsilon });
}

const Output: Op<Unary, { index: number }> = {
  onnx: "#output",
  type: ([node], { index }) => {
    const more = node.op.moreOutputs?.(node.inputs as never, node.attrs as never) ?? [];
    return more[index - 1] ?? fail(`output: an output of ${node.op.onnx}, number ${index}`);
  },
  vjp: null,
};
/** Output number `index` (from 1) of a node whose op has several; it has no gradient of its own. */
function output(node: Tensor, index: number): Tensor {
  return apply(Output, [node], { index });
}
/** Which output of its input a node names, null for a node that computes. */
export function outputIndex(node: Tensor): number | null {
  return node.op === (Output as unknown) ? (node.attrs as { index: number }).index : null;
}

function sumToVector(x: Tensor, shape: Shape): Tensor {
  return reshape(reduceSum(x, [...x.shape.keys()].slice(0, -1)), shape);
}

function reduced(name: string, x: Tensor, { axes, keep }: Axes): Type {
  if (axes.length === 0 || axes.some((axis) => axis < 0 || axis >= x.shape.length))
    fail(`${name}: axes of the tensor, ${describe(x)} over [${axes.join(",")}]`);
  const shape = keep ? kept(x, axes) : x.shape.filter((_, axis) => !axes.includes(axis));
  return { dtype: x.dtype, shape };
}

function kept(x: Tensor, axes: readonly number[]): Shape {
  return x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
}

function sizeRatio(small: Tensor, large: Tensor): number {
  const size = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
  return size(small.shape) / size(large.shape);
}
