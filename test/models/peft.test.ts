import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LoraSpec, loraSites, parameterLayout } from "../../src/models/lora";
import { adapterSpec, readAdapter, writeAdapter } from "../../src/models/peft";
import { readNamedTensors, writeSafetensors } from "../../src/models/safetensors";
import type { ClipConfig, NamedTensors } from "../../src/models/types";
import { UserError } from "../../src/util/errors";
import { randomValues } from "../support/random";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyClipConfig } from "../support/tinyClip";

const golden = join(import.meta.dirname, "../golden");
const spec: LoraSpec = {
  encoder: "both",
  targets: ["q", "k", "v"],
  layers: "all",
  rank: 2,
  alpha: 1,
  scaling: "rslora",
  dropout: 0.25,
};

function randomLora(clip: ClipConfig, lora: LoraSpec): NamedTensors {
  return new Map(
    parameterLayout(loraSites(clip, lora), lora.rank).map(({ name, shape, size, offset }) => [
      name,
      { shape, data: Float32Array.from(randomValues(size, offset)) },
    ]),
  );
}

test("reads what peft wrote", async () => {
  const adapter = await readAdapter(join(golden, "adapter-a"));
  expect(adapter).toMatchObject({ rank: 2, alpha: 1, scaling: "rslora", dropout: 0 });
  expect(adapter.baseModel).toBe("clip-a");
  const { tensors } = await readNamedTensors(join(golden, "a-qkv.safetensors"));
  const reference = [...tensors].filter(([name]) => name.startsWith("random.lora."));
  expect(adapter.values.size).toBe(reference.length);
  for (const [name, value] of reference) {
    expect(adapter.values.get(name.slice("random.lora.".length))).toEqual(value);
  }
});

const choices: Partial<LoraSpec>[] = [
  {},
  { encoder: "vision", targets: ["o", "fc1", "fc2"], layers: [1], rank: 3, alpha: 4 },
  { encoder: "text", targets: ["q", "fc2"], layers: [0], scaling: "lora", dropout: 0 },
  { targets: ["q", "k", "v", "o", "fc1", "fc2"], layers: [0, 2] },
];

test.each(choices)("writes an adapter, reads it back and says what it adapts: %j", async (part) => {
  const clip = tinyClipConfig({ vision: { layers: 3 } });
  const lora = { ...spec, ...part };
  const values = randomLora(clip, lora);
  const folder = temporaryFolder();
  await writeAdapter(folder, values, lora, "some/clip");
  const adapter = await readAdapter(folder);
  expect(adapter.values).toEqual(values);
  expect(adapter.baseModel).toBe("some/clip");
  expect(adapterSpec(adapter, clip, folder)).toEqual(lora);
});

interface Change {
  config?: Record<string, unknown>;
  tensors?: (tensors: NamedTensors) => void;
}

async function changed({ config = {}, tensors }: Change): Promise<string> {
  const folder = temporaryFolder();
  cpSync(join(golden, "adapter-a"), folder, { recursive: true });
  const file = join(folder, "adapter_config.json");
  const json = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...json, ...config }));
  if (tensors) {
    const weights = join(folder, "adapter_model.safetensors");
    const read = await readNamedTensors(weights);
    tensors(read.tensors);
    await writeSafetensors(weights, read.tensors);
  }
  return folder;
}

const q = "base_model.model.vision_model.encoder.layers.0.self_attn.q_proj";
const tensor = (...shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

test.each<[string, Change, RegExp]>([
  ["DoRA", { config: { use_dora: true } }, /"use_dora" is true, expected what plain LoRA has/],
  ["another method", { config: { peft_type: "IA3" } }, /"peft_type" is "IA3"/],
  ["biases", { config: { bias: "all" } }, /"bias" is "all"/],
  [
    "changed base weights",
    { config: { init_lora_weights: "pissa" } },
    /"init_lora_weights" is "pi/,
  ],
  ["alphas of their own", { config: { alpha_pattern: { q_proj: 3 } } }, /"alpha_pattern" is {"q_/],
  ["whole modules", { config: { modules_to_save: ["visual_projection"] } }, /"modules_to_save" is/],
  ["a dropout of 1", { config: { lora_dropout: 1 } }, /"lora_dropout" is 1, expected a number/],
  ["an alpha of text", { config: { lora_alpha: "8" } }, /"lora_alpha" is "8", expected a positive/],
  [
    "different ranks",
    {
      tensors: (all) => {
        all.set(`${q}.lora_A.weight`, tensor(3, 32)).set(`${q}.lora_B.weight`, tensor(32, 3));
      },
    },
    /the ranks differ \(2 in .*, 3 in vision_model/,
  ],
  [
    "an A without B",
    { tensors: (all) => void all.delete(`${q}.lora_B.weight`) },
    /has vision_model.*q_proj\.lora_A\.weight but not vision_model.*q_proj\.lora_B\.weight/,
  ],
  [
    "a module outside",
    {
      tensors: (all) => {
        all.set("base_model.model.visual_projection.lora_A.weight", tensor(2, 32));
      },
    },
    /1 tensors are not LoRA values .*: base_model\.model\.visual_projection\.lora_A\.weight/,
  ],
  [
    "a vector",
    { tensors: (all) => void all.set(`${q}.lora_A.weight`, tensor(2)) },
    /q_proj\.lora_A\.weight is \[2\], expected \[rank, in\]/,
  ],
  ["another rank than it says", { config: { r: 4 } }, /"r" is 4, expected 2, the rank of the m/],
  ["no values", { tensors: (all) => all.clear() }, /holds no LoRA values/],
])("refuses an adapter with %s", async (_, change, message) => {
  const read = readAdapter(await changed(change));
  await expect(read).rejects.toThrow(UserError);
  await expect(read).rejects.toThrow(message);
});

test("says that a folder is no adapter", async () => {
  await expect(readAdapter(temporaryFolder())).rejects.toThrow(/holds no adapter_config\.json/);
});

test("one rank for all matrices may be written as a pattern", async () => {
  const folder = await changed({ config: { r: 4, rank_pattern: { "[qkv]_proj": 2 } } });
  expect((await readAdapter(folder)).rank).toBe(2);
});

test("refuses an adapter of other matrices in some layers than in others", async () => {
  const folder = await changed({
    tensors: (all) => {
      for (const part of ["A", "B"]) all.delete(`${q}.lora_${part}.weight`);
    },
  });
  const adapter = await readAdapter(folder);
  expect(() => adapterSpec(adapter, tinyClipConfig(), folder)).toThrow(
    /adapts other matrices in some layers than in others \(without vision_model\S*0\.self_attn\.q_proj\.lora_A/,
  );
});

test("says that an adapter belongs to another model", async () => {
  const adapter = await readAdapter(join(golden, "adapter-a"));
  const wide = tinyClipConfig({ vision: { hiddenSize: 40 } });
  expect(() => adapterSpec(adapter, wide, "x")).toThrow(
    /x: the adapter does not fit the model.*q_proj\.lora_A\.weight is \[2, 32\] and not \[2, 40\]/,
  );
  const shallow = tinyClipConfig({ vision: { layers: 1 }, text: { layers: 1 } });
  expect(() => adapterSpec(adapter, shallow, "x")).toThrow(
    /the model has no place for (text|vision)_model\.encoder\.layers\.1/,
  );
});
