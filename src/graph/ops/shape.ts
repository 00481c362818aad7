import {
  apply,
  describe,
  fail,
  type Op,
  sameShape,
  type Shape,
  sizeOf,
  type Tensor,
} from "../tensor";
import { reduceSum } from "./reduce";
import { zeros } from "../leaves";

/** Operators that move or repeat elements without computing. */

type Unary = readonly [Tensor];

const Reshape: Op<Unary, { shape: Shape }> = {
  onnx: "Reshape",
  type: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape))
      fail(`reshape: the same number of elements, ${describe(x)} to [${shape.join(",")}]`);
    return { dtype: x.dtype, shape };
  },
  vjp: (g, [x]) => [reshape(g, x.shape)],
  encode: ({ shape }) => ({ parameters: [shape] }),
};
/** The same elements in row-major order under another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(Reshape, [x], { shape });
}

const Transpose: Op<Unary, { permutation: readonly number[] }> = {
  onnx: "Transpose",
  type: ([x], { permutation }) => {
    const axes = [...permutation].sort((a, b) => a - b);
    if (axes.length !== x.shape.length || axes.some((axis, i) => axis !== i))
      fail(`transpose: each axis once, ${describe(x)} by [${permutation.join(",")}]`);
    return { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]!) };
  },
  vjp: (g, _, __, { permutation }) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  encode: ({ permutation }) => ({ attributes: { perm: permutation } }),
};
/** Axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return permutation.every((axis, i) => axis === i) && permutation.length === x.shape.length
    ? x
    : apply(Transpose, [x], { permutation });
}

/** Swaps the last two axes. */
export function transposeLast(x: Tensor): Tensor {
  const rank = x.shape.length;
  if (rank < 2) fail(`transposeLast: at least two axes, ${describe(x)}`);
  return transpose(
    x,
    [...x.shape.keys()].map((axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  );
}

const Expand: Op<Unary, { shape: Shape }> = {
  onnx: "Expand",
  type: ([x], { shape }) => {
    const lead = shape.length - x.shape.length;
    if (lead < 0 || x.shape.some((n, axis) => n !== 1 && n !== shape[axis + lead]))
      fail(`expand: axes of 1 or of the target's size, ${describe(x)} to [${shape.join(",")}]`);
    return { dtype: x.dtype, shape };
  },
  // The backward walk sums over the repeated axes.
  vjp: (g) => [g],
  encode: ({ shape }) => ({ parameters: [shape] }),
};
/** Repeats axes of size 1 (and adds leading ones) up to `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(Expand, [x], { shape });
}

const Concat: Op<readonly Tensor[], { axis: number }> = {
  onnx: "Concat",
  type: (parts, { axis }) => {
    const [first, ...rest] = parts;
    if (first === undefined) fail("concat: at least one tensor, none given");
    for (const part of rest)
      if (
        part.dtype !== first.dtype ||
        part.shape.length !== first.shape.length ||
        part.shape.some((n, i) => i !== axis && n !== first.shape[i])
      )
        fail(`concat: tensors that differ in axis ${axis} only, ${parts.map(describe).join(" ")}`);
    const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return { dtype: first.dtype, shape: first.shape.map((n, i) => (i === axis ? length : n)) };
  },
  vjp: (g, parts, _, { axis }) => {
    let start = 0;
    return parts.map((part) => {
      const end = start + part.shape[axis]!;
      const piece = slice(g, axis, start, end);
      start = end;
      return piece;
    });
  },
  encode: ({ axis }) => ({ attributes: { axis } }),
};
/** The parts one after the other along `axis` (counted from 0). */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  return apply(Concat, parts, { axis });
}

const Slice: Op<Unary, { axis: number; start: number; end: number }> = {
  onnx: "Slice",
  type: ([x], { axis, start, end }) => {
    const length = x.shape[axis];
    if (length === undefined || start < 0 || end > length || start >= end)
      fail(
        `slice: a non-empty range of an axis, ${describe(x)} axis ${axis} from ${start} to ${end}`,
      );
    return { dtype: x.dtype, shape: x.shape.map((n, i) => (i === axis ? end - start : n)) };
  },
  vjp: (g, [x], _, { axis, start, end }) => [pad(g, axis, start, x.shape[axis]! - end)],
  encode: ({ axis, start, end }) => ({ parameters: [[start], [end], [axis]] }),
};
/** Elements `start` (included) to `end` (excluded) of one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  return start === 0 && end === x.shape[axis] ? x : apply(Slice, [x], { axis, start, end });
}

interface Padding {
  axis: number;
  before: number;
  after: number;
}

const Pad: Op<Unary, Padding> = {
  onnx: "Pad",
  type: ([x], { axis, before, after }) => {
    if (x.shape[axis] === undefined || before < 0 || after < 0)
      fail(`pad: zeros around an axis, ${describe(x)} axis ${axis} by ${before} and ${after}`);
    return {
      dtype: x.dtype,
      shape: x.shape.map((n, i) => (i === axis ? before + n + after : n)),
    };
  },
  vjp: (g, [x], _, { axis, before }) => [slice(g, axis, before, before + x.shape[axis]!)],
  encode: ({ axis, before, after }, { shape }) => {
    const edge = (length: number): number[] => shape.map((_, i) => (i === axis ? length : 0));
    return { parameters: [[...edge(before), ...edge(after)]] };
  },
};
/** x with `before` and `after` zeros around it along one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  return before === 0 && after === 0 ? x : apply(Pad, [x], { axis, before, after });
}
/** How a Pad node pads, null for other nodes. */
export function padding(node: Tensor): Padding | null {
  return node.op === (Pad as unknown) ? (node.attrs as Padding) : null;
}

const Gather: Op<readonly [Tensor, Tensor], None> = {
  onnx: "Gather",
  type: ([table, rows]) => {
    if (table.shape.length === 0) fail(`gather: a table of at least one axis, ${describe(table)}`);
    if (rows.dtype !== "int32" && rows.dtype !== "int64")
      fail(`gather: integer rows, ${describe(rows)}`);
    return { dtype: table.dtype, shape: [...rows.shape, ...table.shape.slice(1)] };
  },
  vjp: (g, [table, rows]) => [scatterRows(g, rows, table.shape), null],
  encode: () => ({ attributes: { axis: 0 } }),
};
type None = Record<string, never>;
/** Rows of a table [P, ...] by their indices [N...]: [N..., ...]. Indices must lie in 0..P-1. */
export function gather(table: Tensor, rows: Tensor): Tensor {
  return apply(Gather, [table, rows], {});
}

const ScatterND: Op<readonly [Tensor, Tensor, Tensor], None> = {
  onnx: "ScatterND",
  type: ([target]) => target,
  vjp: null,
  encode: () => ({ attributes: { reduction: "add" } }),
};

/** Sums rows g [N..., ...] into a zero table of `shape` at their indices: the transpose of `gather`. */
function scatterRows(g: Tensor, rows: Tensor, shape: Shape): Tensor {
  const indices = reshape(rows.dtype === "int64" ? rows : apply(ToInt64, [rows], {}), [
    ...rows.shape,
    1,
  ]);
  return apply(ScatterND, [zeros({ dtype: g.dtype, shape }), indices, g], {});
}

const ToInt64: Op<Unary, None> = {
  onnx: "Cast",
  type: ([x]) => ({ dtype: "int64", shape: x.shape }),
  vjp: null,
  encode: () => ({ attributes: { to: 7 } }),
};

/** Sums `x` over the axes along which `shape` was broadcast to the shape of `x`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((n, axis) =>
    axis < lead || (shape[axis - lead] === 1 && n !== 1) ? [axis] : [],
  );
  return reshape(axes.length === 0 ? x : reduceSum(x, axes, true), shape);
}
