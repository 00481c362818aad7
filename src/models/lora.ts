import { uniform } from "../util/hash";
import { input } from "../graph/leaves";
import { cast } from "../graph/ops/elementwise";
import { gather } from "../graph/ops/shape";
import type { DType, Tensor } from "../graph/tensor";
import type { BlockAdapters, Target } from "../nn/transformer";
import type { ClipConfig, EncoderConfig } from "./types";

export type Encoder = "vision" | "text";

/** Where and how CLIP is adapted, in the words of the configuration's `lora`. */
export interface LoraSpec {
  encoder: Encoder | "both";
  targets: readonly Target[];
  layers: "all" | readonly number[];
  rank: number;
  alpha: number;
  scaling: "rslora" | "lora";
  dropout: number;
}

/** One adapted matrix. */
export interface Site {
  encoder: Encoder;
  layer: number;
  target: Target;
  /** PEFT's module name, e.g. `vision_model.encoder.layers.0.self_attn.q_proj`. */
  name: string;
  inSize: number;
  outSize: number;
}

/** One tensor of the parameter vector theta; `offset` counts elements. */
export interface ParameterSlot {
  name: string;
  shape: number[];
  offset: number;
  size: number;
}

/** Where a target lies in a block, by PEFT's and transformers' names. */
export const targetModules: Record<Target, string> = {
  q: "self_attn.q_proj",
  k: "self_attn.k_proj",
  v: "self_attn.v_proj",
  o: "self_attn.out_proj",
  fc1: "mlp.fc1",
  fc2: "mlp.fc2",
};

/** All adapted matrices: the vision encoder's first, by layer, then in the order q, k, v, o, fc1, fc2. */
export function loraSites(clip: ClipConfig, spec: LoraSpec): Site[] {
  const encoders: Encoder[] = spec.encoder === "both" ? ["vision", "text"] : [spec.encoder];
  return encoders.flatMap((encoder) => {
    const config: EncoderConfig = clip[encoder];
    const layers = [...Array(config.layers).keys()].filter(
      (layer) => spec.layers === "all" || spec.layers.includes(layer),
    );
    const targets = (Object.keys(targetModules) as Target[]).filter((t) =>
      spec.targets.includes(t),
    );
    return layers.flatMap((layer) =>
      targets.map((target) => ({
        encoder,
        layer,
        target,
        name: `${encoder}_model.encoder.layers.${layer}.${targetModules[target]}`,
        inSize: target === "fc2" ? config.intermediateSize : config.hiddenSize,
        outSize: target === "fc1" ? config.intermediateSize : config.hiddenSize,
      })),
    );
  });
}

/** What the low-rank branch is multiplied by. */
function loraScaling({ alpha, rank, scaling }: LoraSpec): number {
  return scaling === "rslora" ? alpha / Math.sqrt(rank) : alpha / rank;
}

/** The layout of theta: for each site lora_A [R, in], then lora_B [out, R], under PEFT's names. */
export function parameterLayout(sites: readonly Site[], rank: number): ParameterSlot[] {
  let offset = 0;
  return sites.flatMap(({ name, inSize, outSize }) =>
    [
      { name: `${name}.lora_A.weight`, shape: [rank, inSize] },
      { name: `${name}.lora_B.weight`, shape: [outSize, rank] },
    ].map((tensor) => {
      const size = tensor.shape[0]! * tensor.shape[1]!;
      const slot = { ...tensor, offset, size };
      offset += size;
      return slot;
    }),
  );
}

/** Where training starts: A Kaiming-uniform with a = sqrt(5), that is U(+-1/sqrt(in)), and B zero (method.md section 2). */
export function initialParameters(layout: readonly ParameterSlot[], seed: number): Float32Array {
  const last = layout.at(-1);
  const theta = new Float32Array(last ? last.offset + last.size : 0);
  layout.forEach(({ name, shape, offset, size }, i) => {
    if (!name.endsWith("lora_A.weight")) return;
    const bound = 1 / Math.sqrt(shape[1]!);
    for (let j = 0; j < size; j++) theta[offset + j] = (2 * uniform(seed, i, j) - 1) * bound;
  });
  return theta;
}

/** The graph inputs of one encoder's adapters; with dropout also the masks' pools and rows (see dropout.ts). */
export interface AdapterInputs {
  blocks: BlockAdapters[];
  /** The float32 parameter tensors by PEFT's name, in the order of the layout. */
  parameters: Map<string, Tensor>;
}

/** Dropout pools by width: encoders of one width that share a graph share its pool. */
export type DropoutPools = Map<number, Tensor>;

/**
 * Makes the inputs for one encoder's adapters. `rowsOf` tells how many rows the matrix of a site sees; with `dropout`
 * each site gets its own mask from a pool of `poolRows` rows, otherwise none.
 */
export function adapterInputs(
  sites: readonly Site[],
  spec: LoraSpec,
  dtype: DType,
  dropout?: { poolRows: number; pools: DropoutPools; rowsOf: (site: Site) => number },
): AdapterInputs {
  const blocks: BlockAdapters[] = [];
  const parameters = new Map<string, Tensor>();
  const pool = (width: number, { pools, poolRows }: NonNullable<typeof dropout>): Tensor => {
    const known = pools.get(width) ?? input(poolName(width), "float32", [poolRows, width]);
    pools.set(width, known);
    return known;
  };
  for (const site of sites) {
    const parameter = (suffix: string, shape: number[]): Tensor => {
      const name = `${site.name}.${suffix}.weight`;
      const tensor = input(name, dtype === "float64" ? "float64" : "float32", shape);
      parameters.set(name, tensor);
      return cast(tensor, dtype);
    };
    const a = parameter("lora_A", [spec.rank, site.inSize]);
    const b = parameter("lora_B", [site.outSize, spec.rank]);
    const adapter = { a, b, scaling: loraScaling(spec) };
    const mask =
      dropout &&
      gather(
        cast(pool(site.inSize, dropout), dtype),
        input(rowsName(site), "int32", [dropout.rowsOf(site)]),
      );
    (blocks[site.layer] ??= {})[site.target] = mask ? { ...adapter, mask } : adapter;
  }
  return { blocks, parameters };
}

/** Name of the graph input that holds the dropout pool for adapters of that input width. */
export function poolName(width: number): string {
  return `dropout.pool.${width}`;
}

/** Name of the graph input that holds a site's row numbers in the dropout pool. */
export function rowsName(site: Site): string {
  return `dropout.rows.${site.name}`;
}
