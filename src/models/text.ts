import { add } from "../graph/ops/elementwise";
import { gemm, matmul } from "../graph/ops/linear";
import { concat, gather, reshape, slice } from "../graph/ops/shape";
import { scope, sizeOf, type Tensor } from "../graph/tensor";
import { causal, ownRows, sharedPrefixAttention, suffixAttention } from "../nn/attention";
import { norm, type Norm } from "../nn/linear";
import type { Ragged } from "../nn/ragged";
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
  /** int32 [K, s]; where prompts are ragged, [N] */
  suffix: Tensor;
  /** [K, s]: 1 at the end-of-text token of each prompt, 0 elsewhere. */
  endOfText: Tensor;
  /** For prompts of unequal length: how rows and grid belong together, and each row's place in its prompt (int32 [N]). */
  ragged?: Ragged & { places: Tensor };
}

/** Class embeddings before normalisation: prompts -> [K, d], read at the end-of-text token. */
export function textTower(
  params: TextTower,
  adapters: BlockAdapters[],
  config: TextConfig,
  prompts: PromptTensors,
): Tensor {
  const { heads, activation, hiddenSize: width } = config;
  const { ragged } = prompts;
  const prefix = prompts.prefix.shape[0]!;
  const [classes, length] = prompts.endOfText.shape as [number, number];

  const embedded = scope("embed", () => {
    const place = (ids: Tensor, positions: Tensor): Tensor =>
      add(gather(params.tokenEmbedding, ids), positions);
    const positions = (start: number, end: number): Tensor =>
      slice(params.positionEmbedding, 0, start, end);
    const shared = place(prompts.prefix, positions(0, prefix));
    const own = ragged
      ? place(prompts.suffix, gather(params.positionEmbedding, ragged.places)) // [N, D]
      : place(prompts.suffix, positions(prefix, prefix + length)); // [K, s, D]
    return concat([shared, reshape(own, [sizeOf(prompts.suffix.shape), width])], 0);
  });

  const pick = reshape(prompts.endOfText, [classes, 1, length]);
  const readout = (x: Tensor): Tensor => {
    const own = reshape(ownRows(x, prefix, ragged), [classes, length, width]);
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
                { q, k: ownRows(k, prefix, ragged), v: ownRows(v, prefix, ragged) },
                { k: slice(k, 0, 0, prefix), v: slice(v, 0, 0, prefix) },
                classes,
                heads,
                readoutBias,
              )
          : (projected) => sharedPrefixAttention(projected, prefix, classes, heads, ragged),
        activation,
        last ? readout : undefined,
      ),
    );
  });
  return gemm(norm(params.finalNorm, x), params.projection, { transB: true });
}
