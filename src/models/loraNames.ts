import { UserError } from "../util/errors";
import { type Encoder, type LoraSpec, type ParameterSlot, targetModules } from "./lora";
import type { NamedTensors } from "./types";
import type { Target } from "../nn/transformer";

/** What PEFT puts before the names of a model's own modules. */
export const peftPrefix = "base_model.model.";

const pattern = /^(vision|text)_model\.encoder\.layers\.(\d+)\.(.+)\.lora_([AB])\.weight$/;

/** Which matrices a file of LoRA values adapts, told by names and shapes; scaling and alpha are not in them. */
export function adaptedPlaces(
  values: NamedTensors,
  file: string,
): Pick<LoraSpec, "encoder" | "targets" | "layers" | "rank"> {
  const targetOf = new Map(
    Object.entries(targetModules).map(([target, module]) => [module, target as Target]),
  );
  const encoders = new Set<Encoder>();
  const targets = new Set<Target>();
  const layers = new Set<number>();
  const ranks = new Set<number>();
  for (const [name, { shape }] of values) {
    const place = pattern.exec(name);
    const target = targetOf.get(place?.[3] ?? "");
    if (!place || !target || shape.length !== 2)
      throw new UserError(
        `${file}: "${name}" is not a LoRA tensor of CLIP; names must look like ` +
          "vision_model.encoder.layers.0.self_attn.q_proj.lora_A.weight, as PEFT writes them",
      );
    encoders.add(place[1] as Encoder);
    layers.add(Number(place[2]));
    targets.add(target);
    ranks.add(place[4] === "A" ? shape[0]! : shape[1]!);
  }
  if (values.size === 0)
    throw new UserError(`${file}: holds no LoRA tensors; give a file that PEFT or glad wrote`);
  if (ranks.size > 1)
    throw new UserError(
      `${file}: adapters of different ranks (${[...ranks].join(", ")}); glad adapts all matrices with one rank`,
    );
  return {
    encoder: encoders.size === 2 ? "both" : [...encoders][0]!,
    targets: [...targets],
    layers: [...layers].sort((a, b) => a - b),
    rank: [...ranks][0]!,
  };
}

/** The values as one vector in this layout; all names must be there in the right shape, and no other. */
export function thetaOf(
  layout: readonly ParameterSlot[],
  values: NamedTensors,
  file: string,
): Float32Array {
  const expected = new Map(layout.map((slot) => [slot.name, slot]));
  const wrong = [
    ...layout.filter(({ name }) => !values.has(name)).map(({ name }) => `${name} is missing`),
    ...[...values.keys()]
      .filter((name) => !expected.has(name))
      .map((name) => `${name} has no place in the model`),
    ...layout.flatMap(({ name, shape }) => {
      const found = values.get(name)?.shape;
      return found && found.join() !== shape.join()
        ? [`${name} is [${found.join(",")}], expected [${shape.join(",")}]`]
        : [];
    }),
  ];
  if (wrong.length > 0)
    throw new UserError(
      `${file} does not fit the model (${wrong.length} of its tensors): ${wrong.slice(0, 5).join("; ")}; ` +
        "use LoRA values that were trained on this model",
    );
  const theta = new Float32Array(layout.reduce((sum, { size }) => sum + size, 0));
  for (const { name, offset } of layout) theta.set(values.get(name)!.data, offset);
  return theta;
}

/** The vector's tensors by name. */
export function namedTheta(layout: readonly ParameterSlot[], theta: Float32Array): NamedTensors {
  return new Map(
    layout.map(({ name, shape, offset, size }) => [
      name,
      { shape, data: theta.subarray(offset, offset + size) },
    ]),
  );
}
