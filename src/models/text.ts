import { add } from "../graph/ops/elementwise";
import { gemm, matmul } from "../graph/ops/linear";
import { concat, gather, reshape, slice } from "../graph/ops/shape";
import { scope, type Tensor } from "../graph/tensor";
import { causal, sharedPrefixAttention, suffixAttention } from "../nn/attention";
import { norm, type Norm } from "../nn/linear";
import { block, type Block, type BlockAdapters } from "../nn/transformer";
import type { TextConfig } from "./types";

/** Parameters of CLIP's text encoder. */
export interface TextTower {
  /** [vocabulary, D] */
  tokenEmbedding: Tensor;
  /** [context, D] */
  positionEmbedding: Tensor;
  blocks: Block[];
  finalNorm: Norm;
  /** [d, D] */
  projection: Tensor;
}

/** Prompts as the encoder takes them: the tokens that all share, once, and the others of each. */
export interface PromptTensors {
  /** int32 [prefix] */
  prefix: Tensor;
  /** int32 [K, s] */
  suffix: Tensor;
  /** [K, s]: 1 at the end-of-text token of each prompt, 0 elsewhere. */
  endOfText: Tensor;
}

/** Class embeddings before normalisation: prompts -> [K, d], read at the end-of-text token. */
export function textTower(
  params: TextTower,
  adapters: BlockAdapters[],
  config: TextConfig,
  prompts: PromptTensors,
): Tensor {
  const { heads, activation, hiddenSize: width } = config;
  const prefix = prompts.prefix.shape[0]!;
  const [classes, length] = prompts.suffix.shape as [number, number];
  const rows = prefix + classes * length;

  const embedded = scope("embed", () => {
    const place = (ids: Tensor, start: number, end: number): Tensor =>
      add(gather(params.tokenEmbedding, ids), slice(params.positionEmbedding, 0, start, end));
    const shared = place(prompts.prefix, 0, prefix);
    const own = place(prompts.suffix, prefix, prefix + length); // [K, s, D]
    return concat([shared, reshape(own, [classes * length, width])], 0); // [prefix + K s, D]
  });

  const pick = reshape(prompts.endOfText, [classes, 1, length]);
  const readout = (x: Tensor): Tensor => {
    const own = reshape(slice(x, 0, prefix, rows), [classes, length, width]);
    return reshape(matmul(pick, own), [classes, width]);
  };
  const readoutBias = reshape(gemm(prompts.endOfText, causal(length, prompts.endOfText)), [
    classes,
    1,
    length,
  ]);

  let x = embedded;
  params.blocks.forEach((layer, i) => {
    const last = i === params.blocks.length - 1;
    x = scope(`blocks.${i}`, () =>
      block(
        layer,
        adapters[i] ?? {},
        x,
        last
          ? ({ q, k, v }) =>
              suffixAttention(
                { q, k: slice(k, 0, prefix, rows), v: slice(v, 0, prefix, rows) },
                { k: slice(k, 0, 0, prefix), v: slice(v, 0, 0, prefix) },
                classes,
                heads,
                readoutBias,
              )
          : (projected) => sharedPrefixAttention(projected, prefix, classes, heads),
        activation,
        last ? readout : undefined,
      ),
    );
  });
  return gemm(norm(params.finalNorm, x), params.projection, { transB: true });
}
