import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { writeAtomically } from "../util/writeAtomically";
import { Fields } from "./fields";
import {
  type Encoder,
  type LoraSpec,
  loraSites,
  type ParameterSlot,
  parameterLayout,
} from "./lora";
import { readNamedTensors, writeSafetensors } from "./safetensors";
import type { ClipConfig, NamedTensors } from "./types";
import { firstTen } from "./weightFiles";

/** LoRA adapters as PEFT keeps them: a folder with adapter_config.json and adapter_model.safetensors. */

const configName = "adapter_config.json";
const weightsName = "adapter_model.safetensors";
/** What PEFT puts before the names of the model that it wraps. */
const prefix = "base_model.model.";

/** The part of a `LoraSpec` that an adapter's values do not show. */
export type AdapterScaling = Pick<LoraSpec, "alpha" | "scaling" | "dropout">;

/** A LoRA adapter as it was read. */
export interface Adapter extends AdapterScaling {
  /** Values under the names that NamedTensors tells of. */
  values: NamedTensors;
  rank: number;
  /** The model that it says it belongs to: a hub id or a folder, or null. */
  baseModel: string | null;
}

/**
 * Writes LoRA values as a PEFT adapter, which `peft.PeftModel.from_pretrained(CLIPModel, folder)` loads. Each file is
 * complete or absent. `baseModel` is the hub id or folder of the CLIP that they were trained on.
 */
export async function writeAdapter(
  folder: string,
  values: NamedTensors,
  lora: Pick<LoraSpec, "rank"> & AdapterScaling,
  baseModel: string,
): Promise<void> {
  const modules = [...values.keys()]
    .filter((name) => name.endsWith(".lora_A.weight"))
    .map((name) => name.slice(0, -".lora_A.weight".length));
  const json = {
    auto_mapping: {
      base_model_class: "CLIPModel",
      parent_library: "transformers.models.clip.modeling_clip",
    },
    base_model_name_or_path: baseModel,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    peft_type: "LORA",
    r: lora.rank,
    // Full names match exactly the adapted matrices, whatever the choice of encoders and layers.
    target_modules: modules,
    task_type: null,
    use_dora: false,
    use_rslora: lora.scaling === "rslora",
  };
  await writeAtomically(join(folder, configName), (file) =>
    file.writeFile(`${JSON.stringify(json, null, 2)}\n`),
  );
  const prefixed = new Map([...values].map(([name, tensor]) => [prefix + name, tensor]));
  await writeSafetensors(join(folder, weightsName), prefixed, { format: "pt" });
}

/** Settings of PEFT with the values that plain LoRA has; `null` stands for absent. Any other is refused. */
const plain: Record<string, readonly unknown[]> = {
  peft_type: ["LORA"],
  bias: [null, "none"],
  use_dora: [null, false],
  lora_bias: [null, false],
  use_qalora: [null, false],
  use_bdlora: [null, false],
  kasa_config: [null],
  monteclora_config: [null],
  arrow_config: [null],
  alora_invocation_tokens: [null],
  layer_replication: [null],
  modules_to_save: [null],
  trainable_token_indices: [null],
  target_parameters: [null],
  // Other ways to initialise also change the frozen weights.
  init_lora_weights: [null, true, false, "gaussian", "eva", "orthogonal"],
  alpha_pattern: [null],
};

/**
 * Reads a PEFT adapter of a CLIP. One that is not plain LoRA of one rank on matrices of the encoders' blocks is a
 * UserError that says why.
 */
export async function readAdapter(folder: string): Promise<Adapter> {
  const file = join(folder, configName);
  if (!existsSync(file)) {
    throw new UserError(
      `${folder}: holds no ${configName}, so it is no PEFT adapter; name the folder of an adapter or of a checkpoint`,
    );
  }
  const fields = Fields.of(parseJsonText(readTextFile(file, "the adapter's settings"), file), file);
  for (const [key, allowed] of Object.entries(plain)) {
    const value = fields.json[key] ?? null;
    if (allowed.includes(value) || isEmpty(value)) continue;
    const choices = allowed.map((x) => JSON.stringify(x)).join(" or ");
    fields.fail(key, `what plain LoRA has (${choices}); other adapters cannot be used`);
  }
  const weights = join(folder, weightsName);
  const { tensors } = await readNamedTensors(weights);
  const values = unprefixed(tensors, weights);
  const rank = commonRank(values, weights);
  if (fields.size("r", 8) !== rank && isEmpty(fields.json["rank_pattern"] ?? {}))
    fields.fail("r", `${rank}, the rank of the matrices in ${weightsName}`);
  return {
    values,
    rank,
    alpha: fields.positive("lora_alpha", 8),
    scaling: fields.flag("use_rslora", false) ? "rslora" : "lora",
    dropout: fields.has("lora_dropout") ? dropoutOf(fields) : 0,
    baseModel: fields.text("base_model_name_or_path", "") || null,
  };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function dropoutOf(fields: Fields): number {
  const value = fields.json["lora_dropout"];
  if (typeof value === "number" && value >= 0 && value < 1) return value;
  return fields.fail("lora_dropout", "a number from 0 to below 1");
}

const adaptable =
  /^(vision|text)_model\.encoder\.layers\.(\d+)\.(self_attn\.(?:[qkv]|out)_proj|mlp\.fc[12])\.lora_([AB])\.weight$/;

function unprefixed(tensors: NamedTensors, file: string): NamedTensors {
  const values: NamedTensors = new Map();
  const foreign: string[] = [];
  for (const [name, tensor] of tensors) {
    const own = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (name.startsWith(prefix) && adaptable.test(own)) values.set(own, tensor);
    else foreign.push(name);
  }
  if (foreign.length > 0) {
    throw new UserError(
      `${file}: ${foreign.length} tensors are not LoRA values of the q, k, v, out, fc1 or fc2 matrices of CLIP's encoders: ${firstTen(foreign)}; such an adapter cannot be used`,
    );
  }
  if (values.size === 0) throw new UserError(`${file}: holds no LoRA values`);
  return values;
}

/** The rank of all adapted matrices, which must each have an A [r, in] and a B [out, r]. */
function commonRank(values: NamedTensors, file: string): number {
  const ranks = new Map<number, string>();
  for (const [name, { shape }] of values) {
    const isA = name.endsWith(".lora_A.weight");
    const other = isA ? name.replace(".lora_A.", ".lora_B.") : name.replace(".lora_B.", ".lora_A.");
    if (!values.has(other)) throw new UserError(`${file}: has ${name} but not ${other}`);
    const rank = shape[isA ? 0 : 1];
    if (shape.length !== 2 || rank === undefined || rank === 0) {
      throw new UserError(
        `${file}: ${name} is [${shape.join(", ")}], expected ${isA ? "[rank, in]" : "[out, rank]"}`,
      );
    }
    ranks.set(rank, name);
  }
  const [first, second] = [...ranks];
  if (second) {
    throw new UserError(
      `${file}: the ranks differ (${first![0]} in ${first![1]}, ${second[0]} in ${second[1]}), expected one rank for all matrices`,
    );
  }
  return first![0];
}

/**
 * Where and how an adapter adapts a CLIP, in the words of the configuration. A UserError where its tensors do not fit
 * the model, or where its choice of matrices cannot be said as encoders, layers and targets.
 */
export function adapterSpec(adapter: Adapter, clip: ClipConfig, folder: string): LoraSpec {
  const matrices = [...adapter.values.keys()].map((name) => adaptable.exec(name)!);
  const encoders = new Set(matrices.map(([, encoder]) => encoder as Encoder));
  const layers = new Set(matrices.map(([, , layer]) => Number(layer)));
  const modules = new Set(matrices.map(([, , , module]) => module!));
  const depth = Math.max(...[...encoders].map((encoder) => clip[encoder].layers));
  const every = [...Array(depth).keys()].every((layer) => layers.has(layer));
  const spec: LoraSpec = {
    encoder: encoders.size === 2 ? "both" : [...encoders][0]!,
    targets: targets.filter(([, module]) => modules.has(module)).map(([target]) => target),
    layers: every ? "all" : [...layers].sort((a, b) => a - b),
    rank: adapter.rank,
    alpha: adapter.alpha,
    scaling: adapter.scaling,
    dropout: adapter.dropout,
  };
  checkPlaces(adapter.values, parameterLayout(loraSites(clip, spec), adapter.rank), folder);
  return spec;
}

/** Throws a UserError where an adapter's tensors are not exactly those of a layout, and says of which kind the mistake is. */
function checkPlaces(
  values: NamedTensors,
  expected: readonly ParameterSlot[],
  folder: string,
): void {
  const known = new Set(expected.map(({ name }) => name));
  const wrong = [
    ...expected.flatMap(({ name, shape }) => {
      const found = values.get(name)?.shape;
      if (!found || found.join() === shape.join()) return [];
      return [`${name} is [${found.join(", ")}] and not [${shape.join(", ")}]`];
    }),
    ...[...values.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `the model has no place for ${name}`),
  ];
  if (wrong.length > 0)
    throw new UserError(
      `${folder}: the adapter does not fit the model: ${firstTen(wrong)}; choose the model that it was trained on`,
    );
  const missing = expected.map(({ name }) => name).filter((name) => !values.has(name));
  if (missing.length > 0)
    throw new UserError(
      `${folder}: the adapter adapts other matrices in some layers than in others (without ${firstTen(missing)}), ` +
        "expected the same ones in all of its layers and encoders; make one that adapts these, too",
    );
}

const targets = [
  ["q", "self_attn.q_proj"],
  ["k", "self_attn.k_proj"],
  ["v", "self_attn.v_proj"],
  ["o", "self_attn.out_proj"],
  ["fc1", "mlp.fc1"],
  ["fc2", "mlp.fc2"],
] as const;
