import { cpSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readFloat32, readNamedTensors, writeSafetensors } from "../../src/models/safetensors";
import { openSnapshot } from "../../src/models/snapshot";
import type { NamedTensors } from "../../src/models/types";
import { UserError } from "../../src/util/errors";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyClipConfig, tinyClipTensors, writeTinyClip } from "../support/tinyClip";

const golden = join(import.meta.dirname, "../golden");

test("opens a snapshot of OpenAI's kind, position_ids and all", async () => {
  const snapshot = await openSnapshot(join(golden, "clip-a"));
  expect(snapshot.config.text).toEqual({
    hiddenSize: 24,
    intermediateSize: 48,
    layers: 2,
    heads: 3,
    layerNormEps: 1e-5,
    activation: "quick_gelu",
    vocabularySize: 110,
    contextLength: 16,
    endOfText: { by: "highest-id" },
  });
  expect(snapshot.logitScale).toBeCloseTo(Math.exp(2.6592), 5);
  expect([...snapshot.tensors.keys()].filter((name) => name.includes("position_ids"))).toEqual([]);
});

test("opens what it wrote", async () => {
  const folder = temporaryFolder();
  const options = {
    vision: { layers: 3, activation: "gelu", layerNormEps: 1e-6, imageSize: 32 },
    text: { contextLength: 9, endOfText: { by: "id", id: 533 } },
  } as const;
  const config = await writeTinyClip(folder, { ...options, logitScale: 20 });
  const snapshot = await openSnapshot(folder);
  expect(snapshot.config).toEqual(config);
  expect(snapshot.config).toEqual(tinyClipConfig(options));
  expect(snapshot.logitScale).toBeCloseTo(20, 4);
  expect(snapshot.preprocessor).toMatchObject({ size: 32, cropSize: 32 });
  for (const [name, { shape, data }] of tinyClipTensors(config, 1, 20)) {
    const stored = snapshot.tensors.get(name)!;
    expect(stored.shape).toEqual(shape);
    expect(await readFloat32(stored)).toEqual(data);
  }
});

type Json = Record<string, unknown>;

/** A tiny snapshot whose JSON files are changed: a function gives the new content, null removes the file. */
async function tiny(changes: Record<string, ((json: Json) => unknown) | null>): Promise<string> {
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  for (const [name, change] of Object.entries(changes)) {
    const file = join(folder, name);
    if (change === null) unlinkSync(file);
    else
      writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")) as Json)));
  }
  return folder;
}

const config = (part: Json) => tiny({ "config.json": (json) => ({ ...json, ...part }) });
const inner = (key: string, part: Json) =>
  tiny({ "config.json": (json) => ({ ...json, [key]: { ...(json[key] as Json), ...part } }) });
const preprocessor = (part: Json) =>
  tiny({ "preprocessor_config.json": (json) => ({ ...json, ...part }) });

test("takes transformers' defaults for what the configuration leaves out", async () => {
  // ViT-B/32 of OpenAI is what the defaults say; only the shapes of the weights then differ.
  const folder = await tiny({ "config.json": () => ({ model_type: "clip" }) });
  await expect(openSnapshot(folder)).rejects.toThrow(
    /vision_model\.embeddings\.position_embedding\.weight is \[10, 32\] and not \[50, 768\]/,
  );
});

test("lets text_config_dict win over text_config, its defaults included, as transformers does", async () => {
  const folder = await tiny({
    "config.json": (json) => ({
      ...json,
      text_config_dict: {
        ...(json.text_config as Json),
        eos_token_id: undefined,
        max_position_embeddings: 16,
      },
      text_config: { max_position_embeddings: 99, eos_token_id: 2 },
      vision_config_dict: null,
    }),
  });
  const { text } = (await openSnapshot(folder)).config;
  expect(text.contextLength).toBe(16);
  expect(text.endOfText).toEqual({ by: "id", id: 49407 });
});

test("reads both ways in which the end of a text is told", async () => {
  const own = await openSnapshot(await inner("text_config", { eos_token_id: 533 }));
  expect(own.config.text.endOfText).toEqual({ by: "id", id: 533 });
  const old = await openSnapshot(await inner("text_config", { eos_token_id: 2 }));
  expect(old.config.text.endOfText).toEqual({ by: "highest-id" });
});

test("reads how images are prepared, in old files and new ones", async () => {
  const old = await preprocessor({ size: 30, crop_size: 24, image_mean: [1, 2, 3], resample: 3 });
  expect((await openSnapshot(old)).preprocessor).toMatchObject({
    size: 30,
    cropSize: 24,
    oddMargin: "down",
    mean: [1, 2, 3],
  });
  const absent = await tiny({ "preprocessor_config.json": null });
  expect((await openSnapshot(absent)).preprocessor).toEqual({
    size: 24,
    cropSize: 24,
    oddMargin: "down",
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  });
  writeFileSync(
    join(absent, "processor_config.json"),
    JSON.stringify({ image_processor: { image_std: [4, 5, 6] }, processor_class: "CLIPProcessor" }),
  );
  expect((await openSnapshot(absent)).preprocessor.std).toEqual([4, 5, 6]);
});

/** Splits the weights of a snapshot into two files with an index. */
async function shard(folder: string): Promise<void> {
  const { tensors } = await readNamedTensors(join(folder, "model.safetensors"));
  const parts = [0, 1].map((): NamedTensors => new Map());
  const map: Record<string, string> = {};
  [...tensors].forEach(([name, tensor], i) => {
    parts[i % 2]!.set(name, tensor);
    map[name] = `model-0000${(i % 2) + 1}-of-00002.safetensors`;
  });
  for (const [i, part] of parts.entries()) {
    await writeSafetensors(join(folder, `model-0000${i + 1}-of-00002.safetensors`), part);
  }
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  rmSync(join(folder, "model.safetensors"));
}

test("opens weights in shards", async () => {
  const folder = await tiny({});
  await shard(folder);
  const { tensors } = await openSnapshot(folder);
  const files = new Set([...tensors.values()].map(({ file }) => basename(file)));
  expect([...files].sort()).toEqual([
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ]);
});

test("says what is wrong with shards", async () => {
  const folder = await tiny({});
  await shard(folder);
  const index = join(folder, "model.safetensors.index.json");
  const whole = readFileSync(index, "utf8");
  writeFileSync(index, whole.replace(/00002-of-00002/g, "00001-of-00002"));
  await expect(openSnapshot(folder)).rejects.toThrow(
    /index\.json: lists tensors that their files do not hold: .* and \d+ more/,
  );
  writeFileSync(index, whole.replace("model-00001", "../model-00001"));
  await expect(openSnapshot(folder)).rejects.toThrow(
    /expected the name of a \.safetensors file in/,
  );
  writeFileSync(index, "{}");
  await expect(openSnapshot(folder)).rejects.toThrow(/has no "weight_map"/);
  writeFileSync(index, whole);
  rmSync(join(folder, "model-00002-of-00002.safetensors"));
  await expect(openSnapshot(folder)).rejects.toThrow(/00002\.safetensors: there is no such file/);
});

async function withTensors(change: (tensors: NamedTensors) => void): Promise<string> {
  const folder = await tiny({});
  const file = join(folder, "model.safetensors");
  const { tensors } = await readNamedTensors(file);
  change(tensors);
  await writeSafetensors(file, tensors);
  return folder;
}

test.each([NaN, Infinity, 89])("refuses the logit scale %f", async (value) => {
  const folder = await withTensors((tensors) => tensors.get("logit_scale")!.data.fill(value));
  await expect(openSnapshot(folder)).rejects.toThrow(
    `${join(folder, "model.safetensors")}: "logit_scale" is ${value}, expected a logarithm such as CLIP's 4.6`,
  );
});

const siglip = { model_type: "siglip" };
test.each<[string, () => Promise<string>, RegExp]>([
  [
    "a folder that is missing",
    () => Promise.resolve("/no/such"),
    /\/no\/such: there is no such mo/,
  ],
  ["a file", () => Promise.resolve(import.meta.filename), /is a file; name the folder/],
  [
    "no config.json",
    () => tiny({ "config.json": null }),
    /holds no config\.json, so it is no model/,
  ],
  ["SigLIP", () => config(siglip), /has the model_type "siglip", but only CLIP/],
  ["no model_type", () => config({ model_type: undefined }), /has no model_type/],
  ["a list for a configuration", () => tiny({ "config.json": () => [] }), /has no model_type/],
  [
    "a list for an encoder",
    () => config({ vision_config: [] }),
    /"vision_config" is \[\], expected an object/,
  ],
  [
    "four colours",
    () => inner("vision_config", { num_channels: 4 }),
    /vision_config\.num_channels"/,
  ],
  [
    "blocks without end",
    () => inner("text_config", { num_hidden_layers: 1e9 }),
    /"text_config\.num_hidden_layers" is 1000000000, expected a positive integer up to 1000/,
  ],
  [
    "heads that do not divide",
    () => inner("text_config", { num_attention_heads: 5 }),
    /"text_config\.num_attention_heads" is 5, expected a divisor of the hidden_size 24/,
  ],
  [
    "another activation",
    () => inner("vision_config", { hidden_act: "relu" }),
    /"vision_config\.hidden_act" is "relu", expected "quick_gelu" or "gelu"/,
  ],
  [
    "patches that do not divide",
    () => inner("vision_config", { patch_size: 7 }),
    /"vision_config\.image_size" is 24, expected a multiple of the patch_size 7/,
  ],
  [
    "oblong images",
    () => inner("vision_config", { image_size: [24, 32] }),
    /"vision_config\.image_size" is \[24,32\], expected a positive integer \(only squares/,
  ],
  [
    "several ends of text",
    () => inner("text_config", { eos_token_id: [2, 3] }),
    /"text_config\.eos_token_id" is \[2,3\], expected one token id/,
  ],
  [
    "a negative width",
    () => inner("text_config", { hidden_size: -1 }),
    /expected a positive integer/,
  ],
  [
    "another resampling",
    () => preprocessor({ resample: 2 }),
    /"resample" is 2, expected 3 \(bicubic/,
  ],
  ["no crop", () => preprocessor({ do_center_crop: false }), /"do_center_crop" is false/],
  [
    "a crop of another size",
    () => preprocessor({ crop_size: 20 }),
    /"crop_size" is 20, expected the image_size 24/,
  ],
  [
    "an oblong crop",
    () => preprocessor({ crop_size: { height: 24, width: 20 } }),
    /"crop_size" is .*, expected a square/,
  ],
  [
    "a squashing resize",
    () => preprocessor({ size: { height: 24, width: 24 } }),
    /"size\.shortest_edge" is missing/,
  ],
  [
    "two colours",
    () => preprocessor({ image_mean: [1, 2] }),
    /"image_mean" is \[1,2\], expected three/,
  ],
  [
    "no weights",
    () => tiny({ "model.safetensors": null }),
    /holds no model\.safetensors; download the model with `glad model pull`/,
  ],
  [
    "missing tensors",
    () => withTensors((all) => [...all.keys()].slice(5, 18).forEach((name) => all.delete(name))),
    /13 tensors do not fit .*: (vision_model\S+ is missing, ){12}vision_model\S+ is missing;/,
  ],
  [
    "one tensor missing",
    () => withTensors((all) => all.delete("logit_scale")),
    /: 1 tensor does not fit the model's configuration: logit_scale is missing;/,
  ],
  [
    "missing blocks, which are listed by their numbers",
    () =>
      withTensors((all) =>
        [...all.keys()].filter((name) => name.includes("fc1")).forEach((name) => all.delete(name)),
      ),
    /8 tensors do not fit .*: vision_model\.encoder\.layers\.\{0-1\}\.mlp\.fc1\.weight is missing, /,
  ],
  [
    "a missing tensor and one of another shape",
    () =>
      withTensors((all) => {
        all.delete("logit_scale");
        all.set("text_projection.weight", { shape: [2, 3], data: new Float32Array(6) });
      }),
    /2 tensors do not fit .*: logit_scale is missing, text_projection\.weight is \[2, 3\] and not \[16, 24\];/,
  ],
  [
    "a tensor too many",
    () => withTensors((all) => all.set("extra.bias", { shape: [1], data: new Float32Array(1) })),
    /: 1 tensor belongs to no CLIP of this configuration: extra\.bias;/,
  ],
])("refuses a snapshot with %s", async (_, folder, message) => {
  const open = openSnapshot(await folder());
  await expect(open).rejects.toThrow(UserError);
  await expect(open).rejects.toThrow(message);
});

test("says that only weights of another format are there", async () => {
  const folder = await tiny({ "model.safetensors": null });
  writeFileSync(join(folder, "pytorch_model.bin"), "PK");
  await expect(openSnapshot(folder)).rejects.toThrow(
    /but only pytorch_model\.bin, which cannot be/,
  );
});

test("prefers OpenCLIP's files to timm's beside them", async () => {
  const folder = temporaryFolder();
  cpSync(join(golden, "open-clip"), folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), '{"architecture":"vit_base_patch16_clip_224"}');
  writeFileSync(join(folder, "model.safetensors"), "the image encoder alone");
  expect((await openSnapshot(folder)).config.projectionDim).toBe(12);
});
