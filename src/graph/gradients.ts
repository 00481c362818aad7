import { zeros } from "./leaves";
import { add } from "./ops/elementwise";
import { sumTo } from "./ops/shape";
import {
  apply,
  describe,
  fail,
  type Op,
  sameShape,
  scope,
  type Tensor,
  topologicalOrder,
} from "./tensor";
import { constant } from "./leaves";

/**
 * Gradients of a scalar `loss` with respect to `leaves`, in their order and shapes. Nodes are only visited where they
 * lie between a leaf and the loss, so frozen weights cost nothing; a leaf that the loss does not use gets zeros.
 */
export function gradients(loss: Tensor, leaves: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) fail(`gradients: a scalar loss, ${describe(loss)}`);
  return pullback(loss, constant([1], [], loss.dtype), leaves);
}

/** The vector-Jacobian product: gradients of sum(cotangent * out) with respect to `leaves`. */
export function pullback(out: Tensor, cotangent: Tensor, leaves: readonly Tensor[]): Tensor[] {
  if (!sameShape(out.shape, cotangent.shape) || out.dtype !== cotangent.dtype)
    fail(`pullback: a cotangent like the output, ${describe(cotangent)} for ${describe(out)}`);
  const order = topologicalOrder([out]);
  const active = new Set<Tensor>(leaves);
  for (const node of order)
    if (node.op.vjp !== null && node.inputs.some((input) => active.has(input))) active.add(node);

  const found = new Map<Tensor, Tensor>([[out, cotangent]]);
  for (const node of order.reverse()) {
    const g = found.get(node);
    if (g === undefined || node.op.vjp === null || node.inputs.length === 0 || !active.has(node))
      continue;
    // The name of a gradient's node says which forward node it belongs to.
    const parts = scope(`grad.${node.scope}`, () =>
      node.op.vjp!(g, node.inputs as never, node, node.attrs as never),
    );
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (part === null || part === undefined || !active.has(input)) return;
      const piece = sumTo(part, input.shape);
      const before = found.get(input);
      found.set(input, before === undefined ? piece : add(before, piece));
    });
  }
  return leaves.map((leaf) => found.get(leaf) ?? zeros(leaf));
}

type CustomVjp = (g: Tensor) => readonly Tensor[];

const CustomGradient: Op<readonly Tensor[], { vjp: CustomVjp }> = {
  onnx: "#alias",
  type: ([value]) => ({ dtype: value!.dtype, shape: value!.shape }),
  vjp: (g, _, __, { vjp }) => [null, ...vjp(g)],
};

/**
 * `value`, whose gradient with respect to `wrt` is what `vjp` makes of the gradient of the value, in place of the one
 * that the walk would find. For compositions whose own rule is cheaper than the sum of their parts'.
 */
export function withGradient(value: Tensor, wrt: readonly Tensor[], vjp: CustomVjp): Tensor {
  return apply(CustomGradient, [value, ...wrt], { vjp });
}
