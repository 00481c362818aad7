import { InternalError } from "../util/errors";
import type { StoredTensor } from "./types";

/**
 * OpenCLIP's names of CLIP's tensors beside transformers'. Two things differ besides the names: queries, keys and
 * values lie one after another in one tensor, and the two projections are stored transposed, [in, out].
 */
const names: readonly (readonly [transformers: string, openClip: string])[] = [
  ["logit_scale", "logit_scale"],
  ["vision_model.embeddings.class_embedding", "visual.class_embedding"],
  ["vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"],
  ["vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"],
  ["vision_model.pre_layrnorm.*", "visual.ln_pre.*"],
  ["vision_model.encoder.layers.*", "visual.transformer.resblocks.*"],
  ["vision_model.post_layernorm.*", "visual.ln_post.*"],
  ["visual_projection.weight", "visual.proj"],
  ["text_model.embeddings.token_embedding.weight", "token_embedding.weight"],
  ["text_model.embeddings.position_embedding.weight", "positional_embedding"],
  ["text_model.encoder.layers.*", "transformer.resblocks.*"],
  ["text_model.final_layer_norm.*", "ln_final.*"],
  ["text_projection.weight", "text_projection"],
];

/** The names inside a block, after its number. */
const blockNames: readonly (readonly [transformers: string, openClip: string])[] = [
  ["layer_norm1.", "ln_1."],
  ["layer_norm2.", "ln_2."],
  ["self_attn.out_proj.", "attn.out_proj."],
  ["mlp.fc1.", "mlp.c_fc."],
  ["mlp.fc2.", "mlp.c_proj."],
];

const parts = ["q_proj", "k_proj", "v_proj"];

/** Where a tensor of transformers' name lies in an OpenCLIP file. */
export interface OpenClipPlace {
  name: string;
  /** It is the first, second or third third of the tensor; null where it is the whole. */
  part: 0 | 1 | 2 | null;
  transposed: boolean;
}

/** From transformers' name to OpenCLIP's. */
export function toOpenClip(name: string): OpenClipPlace {
  const transposed = name === "visual_projection.weight" || name === "text_projection.weight";
  const fused = /^(.*\.)self_attn\.([qkv]_proj)\.(weight|bias)$/.exec(name);
  if (fused) {
    const part = parts.indexOf(fused[2]!) as 0 | 1 | 2;
    return { name: `${renamed(fused[1]!, 0, 1)}attn.in_proj_${fused[3]!}`, part, transposed };
  }
  return { name: renamed(name, 0, 1), part: null, transposed };
}

/** From OpenCLIP's name to transformers': one name, or those of queries, keys and values in the order of the file. */
export function fromOpenClip(name: string): string[] {
  const fused = /^(.*\.)attn\.in_proj_(weight|bias)$/.exec(name);
  if (!fused) return [renamed(name, 1, 0)];
  return parts.map((part) => `${renamed(fused[1]!, 1, 0)}self_attn.${part}.${fused[2]!}`);
}

/** The tensors that an OpenCLIP file must hold, from what transformers' file would hold. */
export function openClipShapes(
  expected: ReadonlyMap<string, readonly number[]>,
): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const [name, shape] of expected) {
    const place = toOpenClip(name);
    const [rows = 1, ...rest] = shape;
    if (place.part !== null) shapes.set(place.name, [3 * rows, ...rest]);
    else shapes.set(place.name, place.transposed ? [...shape].reverse() : [...shape]);
  }
  return shapes;
}

/**
 * The tensors of an OpenCLIP file under transformers' names, as ranges of the same file: nothing is copied. The shapes
 * must have been checked against `openClipShapes`.
 */
export function fromOpenClipTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  expected: Iterable<string>,
): Map<string, StoredTensor> {
  const result = new Map<string, StoredTensor>();
  for (const name of expected) {
    const { name: lyingIn, part, transposed } = toOpenClip(name);
    const stored = tensors.get(lyingIn);
    if (!stored) throw new InternalError(`OpenCLIP tensor ${lyingIn} was not checked`);
    if (part === null) result.set(name, transposed ? { ...stored, transposed } : stored);
    else {
      const [rows = 3, ...rest] = stored.shape;
      const length = stored.length / 3;
      const offset = stored.offset + part * length;
      result.set(name, { ...stored, offset, length, shape: [rows / 3, ...rest] });
    }
  }
  return result;
}

function renamed(name: string, from: 0 | 1, to: 0 | 1): string {
  const pair = names.find((pair) => matches(name, pair[from]));
  if (!pair) return name;
  if (!pair[from].endsWith("*")) return pair[to];
  const rest = name.slice(pair[from].length - 1);
  return pair[to].slice(0, -1) + renamedInBlock(rest, from, to);
}

function renamedInBlock(rest: string, from: 0 | 1, to: 0 | 1): string {
  const [number = ""] = /^\d+\./.exec(rest) ?? [];
  const inside = rest.slice(number.length);
  const pair = blockNames.find((names) => inside.startsWith(names[from]));
  return number === "" || !pair ? rest : number + pair[to] + inside.slice(pair[from].length);
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
