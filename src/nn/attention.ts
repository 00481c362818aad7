import { constant, scalar } from "../graph/leaves";
import { withGradient } from "../graph/gradients";
import { add, mul, sub } from "../graph/ops/elementwise";
import { matmul } from "../graph/ops/linear";
import { reduceSum, softmax } from "../graph/ops/reduce";
import { concat, reshape, slice, transpose } from "../graph/ops/shape";
import type { Tensor } from "../graph/tensor";
import { fromGrid, type Ragged, toGrid } from "./ragged";

/** Queries, keys and values as rows, [N, D] each; the queries may be fewer than the keys. */
export interface Projected {
  q: Tensor;
  k: Tensor;
  v: Tensor;
}

/** What added to a score removes a key: exp of it is exactly 0 beside any real score. */
const removed = { float32: -1e9, float64: -1e9, float16: -6e4 } as const;

/**
 * softmax(q k^T / sqrt(D/H) + bias) v within each of `sequences` sequences of equal length: rows [N, D] -> rows.
 * `bias` broadcasts to [H, sequences, queries, keys].
 */
export function attention(
  { q, k, v }: Projected,
  sequences: number,
  heads: number,
  bias?: Tensor,
): Tensor {
  const scores = matmul(scaledQueries(q, sequences, heads), split(k, sequences, heads), {
    transB: true,
  });
  return merge(attend(bias ? add(scores, bias) : scores, split(v, sequences, heads)));
}

/** softmax(scores) v: [.., queries, keys] [.., keys, size] -> [.., queries, size]. */
function attend(scores: Tensor, v: Tensor): Tensor {
  const weights = softmax(scores);
  const out = matmul(weights, v);
  // d scores = p (dp - sum(p dp)), and sum(p dp) = sum(g out): a sum over the small tensor in place of the large one.
  return withGradient(out, [scores, v], (g) => {
    const shift = reduceSum(mul(g, out), [out.shape.length - 1], true);
    const towards = matmul(g, v, { transB: true });
    return [mul(weights, sub(towards, shift)), matmul(weights, g, { transA: true })];
  });
}

/**
 * Causal attention of K sequences that begin with the same `prefix` tokens. Rows hold the shared tokens once, then the
 * other tokens of each sequence: [prefix + K s, D], or as many as `ragged` says. A causal encoder gives shared tokens the
 * same values in every sequence, so computing them once is exact.
 */
export function sharedPrefixAttention(
  rows: Projected,
  prefix: number,
  sequences: number,
  heads: number,
  ragged?: Ragged,
): Tensor {
  const [qp, kp, vp] = [rows.q, rows.k, rows.v].map((x) => slice(x, 0, 0, prefix)) as Triple;
  const [q, k, v] = [rows.q, rows.k, rows.v].map((x) => ownRows(x, prefix, ragged)) as Triple;
  const shared = attention({ q: qp, k: kp, v: vp }, 1, heads, causal(prefix, qp));
  const bias = causal(q.shape[0]! / sequences, q);
  const own = suffixAttention({ q, k, v }, { k: kp, v: vp }, sequences, heads, bias);
  return ragged ? fromGrid(shared, own, ragged) : concat([shared, own], 0);
}

type Triple = [Tensor, Tensor, Tensor];

/** What follows the `prefix` shared rows, as the grid of all sequences [K s, D]. */
export function ownRows(rows: Tensor, prefix: number, ragged?: Ragged): Tensor {
  return ragged ? toGrid(rows, ragged) : slice(rows, 0, prefix, rows.shape[0]!);
}

/**
 * Attention of each sequence's own queries to all of the shared prefix and to its own keys, of which `bias` (it
 * broadcasts to [H, sequences, queries, keys]) removes the later ones.
 */
export function suffixAttention(
  { q, k, v }: Projected,
  prefix: { k: Tensor; v: Tensor },
  sequences: number,
  heads: number,
  bias: Tensor,
): Tensor {
  const shared = prefix.k.shape[0]!;
  const queries = q.shape[0]! / sequences;
  const keys = k.shape[0]! / sequences;
  // Against the prefix, the queries of all sequences are one tall matrix per head: [H, 1, K queries, D/H].
  const perSequence = scaledQueries(q, sequences, heads);
  const tall = reshape(perSequence, [heads, 1, sequences * queries, q.shape[1]! / heads]);
  const toPrefix = matmul(tall, split(prefix.k, 1, heads), { transB: true });
  const toOwn = matmul(perSequence, split(k, sequences, heads), { transB: true });
  const weights = softmax(
    concat([reshape(toPrefix, [heads, sequences, queries, shared]), add(toOwn, bias)], 3),
  ); // [H, K, queries, prefix + keys]
  const prefixWeights = reshape(slice(weights, 3, 0, shared), [
    heads,
    1,
    sequences * queries,
    shared,
  ]);
  const fromPrefix = matmul(prefixWeights, split(prefix.v, 1, heads)); // [H, 1, K queries, D/H]
  const fromOwn = matmul(slice(weights, 3, shared, shared + keys), split(v, sequences, heads));
  return merge(add(reshape(fromPrefix, fromOwn.shape), fromOwn));
}

/** [n, n]: 0 on and below the diagonal, removing above it. */
export function causal(n: number, like: Tensor): Tensor {
  const above = removed[like.dtype as keyof typeof removed];
  const values = Array.from({ length: n * n }, (_, i) => (i % n > Math.floor(i / n) ? above : 0));
  return constant(values, [n, n], like.dtype);
}

/** Rows [sequences n, D] -> [H, sequences, n, D/H]; with the heads first no axis but two ever trade places. */
function split(x: Tensor, sequences: number, heads: number): Tensor {
  const [rows, width] = x.shape as [number, number];
  const byHead = transpose(reshape(x, [rows, heads, width / heads]), [1, 0, 2]);
  return reshape(byHead, [heads, sequences, rows / sequences, width / heads]);
}

/** [H, sequences, n, D/H] -> rows [sequences n, D]. */
function merge(x: Tensor): Tensor {
  const [heads, sequences, n, size] = x.shape as [number, number, number, number];
  const byRow = transpose(reshape(x, [heads, sequences * n, size]), [1, 0, 2]);
  return reshape(byRow, [sequences * n, heads * size]);
}

/** Scaling the queries is cheaper than scaling the scores. */
function scaledQueries(q: Tensor, sequences: number, heads: number): Tensor {
  const size = q.shape[1]! / heads;
  return split(mul(q, scalar(1 / Math.sqrt(size), q)), sequences, heads);
}
