import { loraScaling } from "./lora";
import { toOpenClip } from "./openClipNames";
import type { Adapter } from "./peft";
import { readFloat32, type TensorSource } from "./safetensors";
import type { Snapshot } from "./types";

/**
 * A snapshot's weights with an adapter merged into them as PEFT's `merge_and_unload` does it, W + scaling B A; float32, under
 * transformers' names. The adapter must fit the model (`adapterSpec`). Each tensor is read, and merged, when it is written.
 */
export function mergedWeights({ tensors }: Snapshot, adapter: Adapter): TensorSource[] {
  return [...tensors].map(([name, stored]) => ({
    name,
    shape: stored.shape,
    values: async function* () {
      const weight = await readFloat32(stored);
      addUpdate(weight, name.replace(/\.weight$/, ""), adapter);
      yield weight;
    },
  }));
}

/**
 * Such weights under OpenCLIP's names: queries, keys and values are one tensor, and `textPrefix` stands before the names of the
 * text encoder. Each tensor's values lie as in the file that they were read from.
 */
export function asOpenClip(sources: readonly TensorSource[], textPrefix: string): TensorSource[] {
  const fused = new Map<string, TensorSource[]>();
  for (const source of sources) {
    const { name } = toOpenClip(source.name);
    const isText = !name.startsWith("visual.") && name !== "logit_scale";
    const whole = isText ? textPrefix + name : name;
    fused.set(whole, [...(fused.get(whole) ?? []), source]);
  }
  // Queries, keys and values come in this order, for the names that they are listed by do (clipTensorShapes).
  return [...fused].map(([name, parts]) => {
    const [rows = 1, ...rest] = parts[0]!.shape;
    return {
      name,
      shape: parts.length === 1 ? parts[0]!.shape : [parts.length * rows, ...rest],
      values: async function* () {
        for (const part of parts) yield* part.values();
      },
    };
  });
}

/** Adds scaling B A to a weight [out, in] where the adapter has one for the module; summed in float64, rounded once. */
function addUpdate(weight: Float32Array, module: string, adapter: Adapter): void {
  const a = adapter.values.get(`${module}.lora_A.weight`);
  const b = adapter.values.get(`${module}.lora_B.weight`);
  if (!a || !b) return;
  const { rank } = adapter;
  const scaling = loraScaling(adapter);
  const width = weight.length / (b.data.length / rank);
  for (let row = 0; row * width < weight.length; row++)
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += b.data[row * rank + k]! * a.data[k * width + column]!;
      weight[row * width + column]! += scaling * sum;
    }
}
