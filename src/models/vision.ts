import { reshape, slice, concat, expand, transpose } from "../graph/ops/shape";
import { add } from "../graph/ops/elementwise";
import { gemm } from "../graph/ops/linear";
import { scope, type Tensor } from "../graph/tensor";
import { attention } from "../nn/attention";
import { norm, type Norm } from "../nn/linear";
import { block, type Block, type BlockAdapters } from "../nn/transformer";
import type { VisionConfig } from "./types";

/** Parameters of CLIP's image encoder; G = image size / patch size. */
export interface VisionTower {
  /** [D] */
  classEmbedding: Tensor;
  /** [D, 3 P P]: a convolution whose stride is its kernel is a matrix product. */
  patchEmbedding: Tensor;
  /** [1 + G G, D] */
  positionEmbedding: Tensor;
  preNorm: Norm;
  blocks: Block[];
  postNorm: Norm;
  /** [d, D] */
  projection: Tensor;
}

/** Image features before normalisation: pixels [B, 3, S, S] -> [B, d], read at the class token. */
export function visionTower(
  params: VisionTower,
  adapters: BlockAdapters[],
  config: VisionConfig,
  pixels: Tensor,
): Tensor {
  const { heads, activation, hiddenSize: width } = config;
  const images = pixels.shape[0]!;
  const tokens = params.positionEmbedding.shape[0]!;
  const embedded = scope("embed", () => {
    const patches = gemm(patchify(pixels, config.patchSize), params.patchEmbedding, {
      transB: true,
    });
    const classToken = expand(reshape(params.classEmbedding, [1, 1, width]), [images, 1, width]);
    const all = concat([classToken, reshape(patches, [images, tokens - 1, width])], 1);
    const placed = add(all, params.positionEmbedding); // [B, L, D]
    return norm(params.preNorm, reshape(placed, [images * tokens, width]));
  });
  const classTokens = (rows: Tensor): Tensor =>
    reshape(slice(reshape(rows, [images, tokens, width]), 1, 0, 1), [images, width]);
  let x = embedded; // [B L, D]
  params.blocks.forEach((layer, i) => {
    const last = i === params.blocks.length - 1;
    x = scope(`blocks.${i}`, () =>
      block(
        layer,
        adapters[i] ?? {},
        x,
        (rows) => attention(rows, images, heads),
        activation,
        last ? classTokens : undefined,
      ),
    );
  });
  return gemm(norm(params.postNorm, x), params.projection, { transB: true });
}

/** [B, 3, S, S] -> [B G G, 3 P P], elements of a patch in the order of a convolution's kernel. */
function patchify(pixels: Tensor, patch: number): Tensor {
  const [images, channels, size] = pixels.shape as [number, number, number];
  const grid = size / patch;
  // Two transposes of at most five axes each: not every provider moves six at once.
  const rows = transpose(reshape(pixels, [images, channels, grid, patch * size]), [0, 2, 1, 3]);
  const split = reshape(rows, [images * grid, channels * patch, grid, patch]);
  return reshape(transpose(split, [0, 2, 1, 3]), [images * grid * grid, channels * patch * patch]);
}
