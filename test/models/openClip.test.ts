import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clipTensorShapes } from "../../src/models/clipNames";
import { fromOpenClip, openClipShapes, toOpenClip } from "../../src/models/openClipNames";
import { readNamedTensors, readSafetensorsHeader } from "../../src/models/safetensors";
import { openSnapshot } from "../../src/models/snapshot";
import { UserError } from "../../src/util/errors";
import { ClipEngine } from "../../src/train/engine";
import { expectClose } from "../support/allclose";
import { safetensorsBytes } from "../support/safetensorsBytes";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyClipConfig } from "../support/tinyClip";

const folder = join(import.meta.dirname, "../golden/open-clip");

test("opens a snapshot of OpenCLIP as ranges of its file", async () => {
  const snapshot = await openSnapshot(folder);
  const weights = join(folder, "open_clip_model.safetensors");
  const { tensors } = await readSafetensorsHeader(weights);
  expect(snapshot.preprocessor).toEqual({
    size: 24,
    cropSize: 24,
    oddMargin: "even",
    mean: [0.5, 0.4, 0.3],
    std: [0.5, 0.25, 0.2],
  });
  const fused = tensors.get("visual.transformer.resblocks.1.attn.in_proj_weight")!;
  const at = "vision_model.encoder.layers.1.self_attn";
  const part = (name: string) => snapshot.tensors.get(`${at}.${name}.weight`)!;
  expect(part("q_proj")).toEqual({ ...fused, length: 1024, shape: [16, 16] });
  expect(part("k_proj").offset).toBe(fused.offset + 1024);
  expect(part("v_proj").offset).toBe(fused.offset + 2048);
  expect(snapshot.tensors.get("visual_projection.weight")).toEqual({
    ...tensors.get("visual.proj")!,
    transposed: true,
  });
  expect([...snapshot.tensors.keys()].sort()).toEqual(
    [...clipTensorShapes(snapshot.config).keys()].sort(),
  );
});

test("computes what OpenCLIP computes", async () => {
  const snapshot = await openSnapshot(folder);
  const { tensors } = await readNamedTensors(join(folder, "features.safetensors"));
  const ids = tensors.get("input_ids")!;
  const [classes, length] = ids.shape as [number, number];
  const rows = Array.from({ length: classes }, (_, i) => [
    ...ids.data.subarray(i * length, (i + 1) * length),
  ]);
  const engine = new ClipEngine({
    snapshot,
    lora: {
      encoder: "both",
      targets: ["q"],
      layers: "all",
      rank: 1,
      alpha: 1,
      scaling: "lora",
      dropout: 0,
    },
    encode: (prompt) => rows[Number(prompt)]!,
    prompts: ["0", "1", "2", "3"],
    device: { kind: "cpu" },
    deviceName: "cpu",
    deviceReason: "asked for",
    threads: 1,
    precision: "float32",
    microBatchSize: 3,
    classChunkSize: 4,
    keptTextBytes: 2 ** 20,
    wholeStep: false,
    separatePhases: false,
    packImage: true,
    packText: true,
  });
  const features = await engine.imageFeatures(null, tensors.get("pixel_values")!.data, 3);
  const embeddings = await engine.classEmbeddings(null, ["0", "1", "2", "3"]);
  await engine.close();
  // Float32 arithmetic of two small blocks.
  expectClose("image features", features, tensors.get("image_features")!.data, { relative: 1e-5 });
  expectClose("class embeddings", embeddings, tensors.get("text_features")!.data, {
    relative: 1e-5,
  });
  expectClose("logit scale", [snapshot.logitScale], tensors.get("logit_scale")!.data, {
    relative: 1e-6,
  });
});

test("the table of names is reversible", () => {
  const names = [...clipTensorShapes(tinyClipConfig({ vision: { layers: 11 } })).keys()];
  for (const name of names) {
    const { name: lyingIn, part } = toOpenClip(name);
    expect(lyingIn === "logit_scale" || lyingIn !== name).toBe(true);
    expect(fromOpenClip(lyingIn)[part ?? 0]).toBe(name);
  }
  const shapes = openClipShapes(clipTensorShapes(tinyClipConfig()));
  const { length } = [...clipTensorShapes(tinyClipConfig()).keys()];
  // Six tensors (q, k, v; weight and bias) become two in each of the four blocks.
  expect(shapes.size).toBe(length - 4 * 4);
});

interface OpenClipJson {
  model_cfg: { vision_cfg: object; text_cfg: object };
  preprocess_cfg: object;
}

function changed(change: (json: OpenClipJson) => unknown): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  const file = join(copy, "open_clip_config.json");
  const json = JSON.parse(readFileSync(file, "utf8")) as OpenClipJson;
  writeFileSync(file, JSON.stringify(change(json)));
  return copy;
}

const model = (part: object) =>
  changed((json) => ({ ...json, model_cfg: { ...json.model_cfg, ...part } }));
const vision = (part: object) =>
  changed((json) => ({
    ...json,
    model_cfg: { ...json.model_cfg, vision_cfg: { ...json.model_cfg.vision_cfg, ...part } },
  }));
const text = (part: object) =>
  changed((json) => ({
    ...json,
    model_cfg: { ...json.model_cfg, text_cfg: { ...json.model_cfg.text_cfg, ...part } },
  }));

test("reads what the configuration leaves open", async () => {
  const eos = await openSnapshot(text({ pool_type: "eos", eos_id: 63 }));
  expect(eos.config.text.endOfText).toEqual({ by: "id", id: 63 });
  const plain = await openSnapshot(model({ quick_gelu: false, init_logit_bias: null }));
  expect(plain.config.vision.activation).toBe("gelu");
  expect(plain.config.text.activation).toBe("gelu");
  const eps = await openSnapshot(vision({ norm_kwargs: { eps: 1e-6 }, image_size: [24, 24] }));
  expect(eps.config.vision.layerNormEps).toBe(1e-6);
  expect(eps.config.text.layerNormEps).toBe(1e-5);
});

test("reads the text encoder under a prefix of its own, and passes over the mask", async () => {
  const copy = model({ custom_text: true });
  const file = join(copy, "open_clip_model.safetensors");
  const { tensors } = await readSafetensorsHeader(file);
  const start = Math.min(...[...tensors.values()].map(({ offset }) => offset));
  const data = readFileSync(file).subarray(start);
  const renamed = [...tensors].map(([name, { shape, offset, length }]) => [
    name.startsWith("visual.") || name === "logit_scale" ? name : `text.${name}`,
    ["F32", shape, [offset - start, offset - start + length]],
  ]);
  const mask = ["text.attn_mask", ["F32", [1], [data.length, data.length + 4]]];
  const entries = Object.fromEntries([...renamed, mask]) as Parameters<typeof safetensorsBytes>[0];
  writeFileSync(file, safetensorsBytes(entries, Buffer.concat([data, Buffer.alloc(4)])));
  const snapshot = await openSnapshot(copy);
  expect(snapshot.tensors.get("text_projection.weight")).toMatchObject({ transposed: true });
});

test.each<[string, () => string, RegExp]>([
  ["a tower of timm", () => vision({ timm_model_name: "vit" }), /vision_cfg\.timm_model_name/],
  ["a ResNet", () => vision({ layers: [3, 4, 6, 3] }), /describes a ResNet/],
  ["another pooling", () => vision({ pool_type: "avg" }), /"vision_cfg\.pool_type" is "avg"/],
  ["no first norm", () => vision({ no_ln_pre: true }), /"vision_cfg\.no_ln_pre" is true/],
  ["attention pooling", () => vision({ attentional_pool: true }), /vision_cfg\.attentional_pool/],
  ["layer scale", () => vision({ ls_init_value: 1e-4 }), /vision_cfg\.ls_init_value/],
  ["a text tower of transformers", () => text({ hf_model_name: "x" }), /text_cfg\.hf_model_name/],
  ["no causal mask", () => text({ no_causal_mask: true }), /"text_cfg\.no_causal_mask" is true/],
  ["a bias of the projection", () => text({ proj_bias: true }), /text_cfg\.proj_bias/],
  ["CoCa", () => model({ multimodal_cfg: { width: 3 } }), /model_cfg\.multimodal_cfg/],
  ["SigLIP's bias", () => model({ init_logit_bias: -10 }), /model_cfg\.init_logit_bias/],
  ["heads that do not divide", () => vision({ head_width: 7 }), /"model_cfg\.vision_cfg\.width"/],
  [
    "another interpolation",
    () => changed((json) => ({ ...json, preprocess_cfg: { interpolation: "bilinear" } })),
    /"preprocess_cfg\.interpolation" is "bilinear"/,
  ],
  ["no description", () => changed(() => ({})), /"model_cfg" is missing/],
  [
    "weights that do not fit",
    () => vision({ width: 24 }),
    /tensors do not fit .*visual\.class_embedding is \[16\] and not \[24\]/,
  ],
])("refuses a snapshot with %s", async (_, broken, message) => {
  const open = openSnapshot(broken());
  await expect(open).rejects.toThrow(UserError);
  await expect(open).rejects.toThrow(message);
});
