import { scalar } from "../leaves";
import { apply, describe, type DType, fail, type Op, type Tensor, type Type } from "../tensor";

/** Elementwise operators. Broadcasting is undone in the backward walk, so the rules here do not mention it. */

type Unary = readonly [Tensor];
type Binary = readonly [Tensor, Tensor];
type None = Record<string, never>;

const same = ([x]: Unary): Type => ({ dtype: x.dtype, shape: x.shape });

const Neg: Op<Unary, None> = {
  onnx: "Neg",
  type: same,
  // d(-x) = -dx
  vjp: (g) => [neg(g)],
};
/** -x. */
export function neg(x: Tensor): Tensor {
  return apply(Neg, [x], {});
}

const Exp: Op<Unary, None> = {
  onnx: "Exp",
  type: same,
  // d exp(x) = exp(x) dx
  vjp: (g, _, out) => [mul(g, out)],
};
/** Natural exponential. */
export function exp(x: Tensor): Tensor {
  return apply(Exp, [x], {});
}

const Log: Op<Unary, None> = {
  onnx: "Log",
  type: same,
  // d log(x) = dx / x
  vjp: (g, [x]) => [div(g, x)],
};
/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return apply(Log, [x], {});
}

const Sqrt: Op<Unary, None> = {
  onnx: "Sqrt",
  type: same,
  // d sqrt(x) = dx / (2 sqrt(x))
  vjp: (g, _, out) => [div(mul(g, scalar(0.5, g)), out)],
};
/** Square root. */
export function sqrt(x: Tensor): Tensor {
  return apply(Sqrt, [x], {});
}

const Sigmoid: Op<Unary, None> = {
  onnx: "Sigmoid",
  type: same,
  // d s(x) = s (1 - s) dx
  vjp: (g, _, s) => [mul(g, mul(s, sub(scalar(1, s), s)))],
};
/** 1 / (1 + exp(-x)). */
export function sigmoid(x: Tensor): Tensor {
  return apply(Sigmoid, [x], {});
}

const Erf: Op<Unary, None> = {
  onnx: "Erf",
  type: same,
  // d erf(x) = 2/sqrt(pi) exp(-x^2) dx
  vjp: (g, [x]) => [mul(g, mul(exp(neg(mul(x, x))), scalar(2 / Math.sqrt(Math.PI), x)))],
};
/** The Gauss error function. */
export function erf(x: Tensor): Tensor {
  return apply(Erf, [x], {});
}

const Identity: Op<Unary, None> = { onnx: "Identity", type: same, vjp: null };
/** x as a constant: no gradient passes. */
export function stopGradient(x: Tensor): Tensor {
  return apply(Identity, [x], {});
}

const Cast: Op<Unary, { to: DType }> = {
  onnx: "Cast",
  type: ([x], { to }) => ({ dtype: to, shape: x.shape }),
  vjp: (g, [x]) => [cast(g, x.dtype)],
  encode: ({ to }) => ({ attributes: { to: onnxType[to] } }),
};
/** x in another dtype; there is no implicit promotion anywhere. */
export function cast(x: Tensor, to: DType): Tensor {
  return x.dtype === to ? x : apply(Cast, [x], { to });
}

const Add: Op<Binary, None> = {
  onnx: "Add",
  type: (inputs) => broadcast("add", inputs),
  vjp: (g) => [g, g],
};
/** x + y with broadcasting. */
export function add(x: Tensor, y: Tensor): Tensor {
  return apply(Add, [x, y], {});
}

const Sub: Op<Binary, None> = {
  onnx: "Sub",
  type: (inputs) => broadcast("sub", inputs),
  vjp: (g) => [g, neg(g)],
};
/** x - y with broadcasting. */
export function sub(x: Tensor, y: Tensor): Tensor {
  return apply(Sub, [x, y], {});
}

const Mul: Op<Binary, None> = {
  onnx: "Mul",
  type: (inputs) => broadcast("mul", inputs),
  // d(xy) = y dx + x dy
  vjp: (g, [x, y]) => [mul(g, y), mul(g, x)],
};
/** x * y, elementwise, with broadcasting. */
export function mul(x: Tensor, y: Tensor): Tensor {
  return apply(Mul, [x, y], {});
}

const Div: Op<Binary, None> = {
  onnx: "Div",
  type: (inputs) => broadcast("div", inputs),
  // d(x/y) = dx / y - (x/y) dy / y
  vjp: (g, [, y], out) => [div(g, y), neg(mul(g, div(out, y)))],
};
/** x / y with broadcasting. */
export function div(x: Tensor, y: Tensor): Tensor {
  return apply(Div, [x, y], {});
}

const Equal: Op<Binary, None> = {
  onnx: "Equal",
  type: (inputs) => ({ ...broadcast("equal", inputs), dtype: "bool" }),
  vjp: null,
};
/** Whether x = y, with broadcasting. */
export function equal(x: Tensor, y: Tensor): Tensor {
  return apply(Equal, [x, y], {});
}

const Where: Op<readonly [Tensor, Tensor, Tensor], None> = {
  onnx: "Where",
  type: ([condition, x, y]) => {
    if (condition.dtype !== "bool") fail(`where: a bool condition, ${describe(condition)}`);
    const values = broadcast("where", [x, y]);
    return broadcast("where", [{ dtype: values.dtype, shape: condition.shape }, values]);
  },
  vjp: (g, [condition]) => {
    const zero = scalar(0, g);
    return [null, where(condition, g, zero), where(condition, zero, g)];
  },
};
/** x where the condition holds, else y. */
export function where(condition: Tensor, x: Tensor, y: Tensor): Tensor {
  return apply(Where, [condition, x, y], {});
}

/** The records that the fusing pass looks for. */
export const mulOp: unknown = Mul;
export const addOp: unknown = Add;

/** Element type numbers of ONNX's TensorProto. */
export const onnxType: Record<DType, number> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

/** The broadcast type of two tensors of the same dtype, or a failure that names the axis. */
function broadcast(name: string, [x, y]: readonly [Type, Type]): Type {
  if (x.dtype !== y.dtype)
    fail(`${name}: one dtype, ${describe(x)} with ${describe(y)}; cast one of them`);
  const rank = Math.max(x.shape.length, y.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const a = x.shape[axis - rank + x.shape.length] ?? 1;
    const b = y.shape[axis - rank + y.shape.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1)
      fail(
        `${name}: cannot broadcast ${describe(x)} with ${describe(y)}, ${a} and ${b} differ at axis ${axis}`,
      );
    return a === 1 ? b : a;
  });
  return { dtype: x.dtype, shape };
}
