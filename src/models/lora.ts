import { uniform } from "../util/hash";
import type { Target } from "../nn/transformer";
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
export function loraScaling({
  alpha,
  rank,
  scaling,
}: Pick<LoraSpec, "alpha" | "rank" | "scaling">): number {
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
