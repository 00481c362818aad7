import { apply, describe, fail, type Op, sizeOf, type Tensor } from "../tensor";
import { sumTo, transposeLast } from "./shape";

/** Matrix products. */

interface Flags {
  /** Use the first factor with its last two axes swapped. */
  transA: boolean;
  transB: boolean;
}

const MatMul: Op<readonly [Tensor, Tensor], Flags> = {
  // The serialiser writes FusedMatMul, or Transpose and MatMul where the provider has none.
  onnx: "MatMul",
  type: ([a, b], flags) => {
    const [m, k] = ends(a, flags.transA);
    const [k2, n] = ends(b, flags.transB);
    const lead = a.shape.slice(0, -2);
    const same = lead.length === b.shape.length - 2 && lead.every((size, i) => size === b.shape[i]);
    if (a.dtype !== b.dtype || a.shape.length < 2 || b.shape.length < 2 || k !== k2 || !same)
      fail(`matmul: equal batch axes and inner sizes, ${pair(a, b, flags)}`);
    return { dtype: a.dtype, shape: [...lead, m!, n!] };
  },
  vjp: (g, [a, b], _, { transA, transB }) => [
    transA ? matmul(b, g, { transA: transB, transB: true }) : matmul(g, b, { transB: !transB }),
    transB ? matmul(g, a, { transA: true, transB: transA }) : matmul(a, g, { transA: !transA }),
  ],
};
/** a b for each entry of the equal leading axes: [..., m, k] [..., k, n] -> [..., m, n]. */
export function matmul(a: Tensor, b: Tensor, flags: Partial<Flags> = {}): Tensor {
  return apply(MatMul, [a, b], { transA: false, transB: false, ...flags });
}

const Gemm: Op<readonly [Tensor, Tensor] | readonly [Tensor, Tensor, Tensor], Flags> = {
  onnx: "Gemm",
  type: ([a, b, bias], flags) => {
    const [m, k] = ends(a, flags.transA);
    const [k2, n] = ends(b, flags.transB);
    if (a.dtype !== b.dtype || a.shape.length !== 2 || b.shape.length !== 2 || k !== k2)
      fail(`gemm: two matrices of equal inner size, ${pair(a, b, flags)}`);
    if (bias && (bias.dtype !== a.dtype || bias.shape.length !== 1 || bias.shape[0] !== n))
      fail(`gemm: a bias as wide as the product, ${describe(bias)} for ${n}`);
    return { dtype: a.dtype, shape: [m!, n!] };
  },
  vjp: (g, [a, b, bias], _, { transA, transB }) => {
    const da = transA
      ? gemm(b, g, { transA: transB, transB: true })
      : gemm(g, b, { transB: !transB });
    const db = transB
      ? gemm(g, a, { transA: true, transB: transA })
      : gemm(a, g, { transA: !transA });
    return (bias ? [da, db, sumTo(g, bias.shape)] : [da, db]) as never;
  },
  encode: ({ transA, transB }) => ({
    attributes: { transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
  }),
};
/** a b + bias for matrices: [m, k] [k, n] (+ [n]) -> [m, n]; the flags transpose a factor first. */
export function gemm(a: Tensor, b: Tensor, flags: Partial<Flags> & { bias?: Tensor } = {}): Tensor {
  const { bias, transA = false, transB = false } = flags;
  return apply(Gemm, bias ? [a, b, bias] : [a, b], { transA, transB });
}

/** alpha op(A) op(B) + beta C, as ONNX's Gemm has it. */
export interface FusedFlags extends Flags {
  alpha: number;
  beta: number;
}

/** What the fusing pass makes of products and what stands beside them; it comes after differentiation. */
const FusedGemm: Op<readonly Tensor[], FusedFlags> = {
  onnx: "Gemm",
  type: ([a, b], flags) => ({
    dtype: a!.dtype,
    shape: [ends(a!, flags.transA)[0]!, ends(b!, flags.transB)[1]!],
  }),
  vjp: null,
  encode: ({ transA, transB, alpha, beta }) => ({
    attributes: {
      transA: transA ? 1 : 0,
      transB: transB ? 1 : 0,
      alpha: { float: alpha },
      beta: { float: beta },
    },
  }),
};

/** A Gemm in the place (scope) of `origin`; the third input, where there is one, is C. */
export function fusedGemm(origin: Tensor, inputs: readonly Tensor[], flags: FusedFlags): Tensor {
  return Object.freeze({ ...apply(FusedGemm, inputs, flags), scope: origin.scope });
}

/** The flags of any Gemm node, null for other nodes. */
export function gemmFlags(node: Tensor): FusedFlags | null {
  if (node.op === (Gemm as unknown)) return { alpha: 1, beta: 1, ...(node.attrs as Flags) };
  return node.op === (FusedGemm as unknown) ? (node.attrs as FusedFlags) : null;
}

/** The flags of a MatMul node, null for any other. */
export function matmulFlags(node: Tensor): Flags | null {
  return node.op === (MatMul as unknown) ? (node.attrs as Flags) : null;
}

/** Whether a node is a matrix product of any form. */
export function isProduct(node: Tensor): boolean {
  return matmulFlags(node) !== null || gemmFlags(node) !== null;
}

/** A MatMul written with transposes, for providers that have no fused form. */
export function plainFactors(node: Tensor): [Tensor, Tensor] {
  const { transA, transB } = node.attrs as Flags;
  const [a, b] = node.inputs as readonly [Tensor, Tensor];
  return [transA ? transposeLast(a) : a, transB ? transposeLast(b) : b];
}

/** Multiplications and additions of all matrix products that `nodes` hold, two per multiply-add. */
export function matrixFlops(nodes: readonly Tensor[]): number {
  let flops = 0;
  for (const node of nodes) {
    const found = matmulFlags(node) ?? gemmFlags(node);
    if (found === null) continue;
    const [, k] = ends(node.inputs[0]!, found.transA);
    flops += 2 * sizeOf(node.shape) * k!;
  }
  return flops;
}

function ends({ shape }: Tensor, swapped: boolean): [number | undefined, number | undefined] {
  const [rows, columns] = [shape.at(-2), shape.at(-1)];
  return swapped ? [columns, rows] : [rows, columns];
}

function pair(a: Tensor, b: Tensor, { transA, transB }: Flags): string {
  return `${describe(a)}${transA ? "^T" : ""} x ${describe(b)}${transB ? "^T" : ""}`;
}
