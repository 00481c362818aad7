import { Constant, type ConstantData } from "./leaves";
import { mulOp, addOp } from "./ops/elementwise";
import { type FusedFlags, fusedGemm, gemmFlags } from "./ops/linear";
import { concat, padding } from "./ops/shape";
import { sameShape, type Tensor, topologicalOrder } from "./tensor";

/**
 * The same program with factors and sums moved into the matrix products beside them, where they cost no pass over
 * memory of their own: c (A B), (c A) B and X + A B become one Gemm each. Only products with a single user are changed.
 * Gradients of slices that lie side by side are put together in place of being filled with zeros and summed.
 * Results differ from the plain program by rounding alone.
 */
export function fuse(outputs: Record<string, Tensor>): Record<string, Tensor> {
  const roots = Object.values(outputs);
  const order = topologicalOrder(roots);
  const users = new Map<Tensor, number>();
  for (const node of [...order.flatMap((n) => n.inputs), ...roots])
    users.set(node, (users.get(node) ?? 0) + 1);
  const once = (node: Tensor | undefined): boolean => node !== undefined && users.get(node) === 1;

  const done = new Map<Tensor, Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input)!);
    const same = inputs.every((input, i) => input === node.inputs[i]);
    const copy: Tensor = same ? node : Object.freeze({ ...node, inputs });
    const single = node.inputs.map(once);
    done.set(
      node,
      scaledProduct(copy, single) ??
        summedProduct(copy, single) ??
        joinedPaddings(copy) ??
        scaledFactors(copy, single),
    );
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, done.get(node)!]));
}

/** c (alpha A B + beta C) */
function scaledProduct(node: Tensor, single: boolean[]): Tensor | null {
  if (node.op !== mulOp) return null;
  for (const [at, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const product = node.inputs[at]!;
    const factor = constantScalar(node.inputs[other]!);
    const flags = gemmFlags(product);
    if (factor === null || flags === null || !single[at]) continue;
    return fusedGemm(product, product.inputs, {
      ...flags,
      alpha: flags.alpha * factor,
      beta: flags.beta * factor,
    });
  }
  return null;
}

/** C + alpha A B, where the product has no addend yet. */
function summedProduct(node: Tensor, single: boolean[]): Tensor | null {
  if (node.op !== addOp) return null;
  for (const [at, other] of [
    [1, 0],
    [0, 1],
  ] as const) {
    const product = node.inputs[at]!;
    const addend = node.inputs[other]!;
    const flags = gemmFlags(product);
    if (flags === null || product.inputs.length !== 2 || !single[at]) continue;
    if (!sameShape(addend.shape, product.shape)) continue;
    return fusedGemm(product, [...product.inputs, addend], { ...flags, beta: 1 });
  }
  return null;
}

/** (A, 0) + (0, B) along one axis: A and B one after the other. */
function joinedPaddings(node: Tensor): Tensor | null {
  if (node.op !== addOp) return null;
  const [x, y] = node.inputs as readonly [Tensor, Tensor];
  for (const [a, b] of [
    [x, y],
    [y, x],
  ] as const) {
    const [first, second] = [padding(a), padding(b)];
    if (first === null || second === null || first.axis !== second.axis) continue;
    if (!sameShape(a.shape, b.shape)) continue;
    const [left, right] = [a.inputs[0]!, b.inputs[0]!];
    const size = (part: Tensor): number => part.shape[first.axis]!;
    if (first.before !== 0 || second.after !== 0) continue;
    if (first.after !== size(right) || second.before !== size(left)) continue;
    return Object.freeze({ ...concat([left, right], first.axis), scope: node.scope });
  }
  return null;
}

/** (c A) B + C: the factor moves to alpha. */
function scaledFactors(node: Tensor, single: boolean[]): Tensor {
  const flags = gemmFlags(node);
  if (flags === null) return node;
  let { alpha } = flags;
  const inputs = node.inputs.map((input, i) => {
    if (i > 1 || !single[i] || input.op !== mulOp) return input;
    const [x, y] = input.inputs as readonly [Tensor, Tensor];
    const factor = constantScalar(y);
    if (factor === null) return input;
    alpha *= factor;
    return x;
  });
  return alpha === flags.alpha
    ? node
    : fusedGemm(node, inputs, { ...flags, alpha } satisfies FusedFlags);
}

function constantScalar(node: Tensor): number | null {
  if (
    node.op !== (Constant as unknown) ||
    node.shape.length !== 0 ||
    !node.dtype.startsWith("float")
  )
    return null;
  // Half-precision bits would have to be decoded first; such graphs are left as they are.
  if (node.dtype === "float16") return null;
  return Number((node.attrs as { data: ConstantData }).data[0]);
}
