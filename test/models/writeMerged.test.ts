import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LoraSpec, loraSites, parameterLayout } from "../../src/models/lora";
import { namedTheta } from "../../src/models/loraNames";
import { asOpenClip, mergedWeights } from "../../src/models/mergeAdapter";
import type { Adapter } from "../../src/models/peft";
import { readFloat32, readNamedTensors, readSafetensorsHeader } from "../../src/models/safetensors";
import { openSnapshot } from "../../src/models/snapshot";
import type { NamedTensors, Snapshot } from "../../src/models/types";
import { writeMergedSnapshot } from "../../src/models/writeMerged";
import { expectClose } from "../support/allclose";
import { goldenCases, goldenFolder, openGolden } from "../support/golden";
import { randomValues } from "../support/random";
import { safetensorsBytes } from "../support/safetensorsBytes";
import { temporaryFolder } from "../support/temporaryFolder";

const openClip = join(goldenFolder, "open-clip");
const everything: LoraSpec = {
  encoder: "both",
  targets: ["q", "k", "v", "o", "fc1", "fc2"],
  layers: "all",
  rank: 3,
  alpha: 5,
  scaling: "rslora",
  dropout: 0,
};

function adapterOf({ config }: Snapshot, scale: number): Adapter {
  const layout = parameterLayout(loraSites(config, everything), everything.rank);
  const count = layout.reduce((sum, { size }) => sum + size, 0);
  const theta = Float32Array.from(randomValues(count, 5), (value) => scale * value);
  return { ...everything, values: namedTheta(layout, theta), baseModel: null };
}

test.each(goldenCases)(
  "%s: the merged model has the logits that PyTorch and peft give the adapted one",
  async (name) => {
    const { tensors, golden, engine } = await openGolden(name);
    await engine.close();
    const values: NamedTensors = new Map(
      [...tensors]
        .filter(([key]) => key.startsWith("random.lora."))
        .map(([key, tensor]) => [key.slice("random.lora.".length), tensor]),
    );
    const folder = temporaryFolder();
    const original = await openSnapshot(join(goldenFolder, golden.model));
    await writeMergedSnapshot(folder, original, { ...golden.lora, values, baseModel: null });
    const merged = await openGolden(name, { model: folder });
    const { count, features, classes } = await measured(merged);
    await merged.engine.close();
    const { logitScale } = await openSnapshot(folder);
    const width = features.length / count;
    const logits = Array.from({ length: count * golden.prompts.length }, (_, at) => {
      const [image, k] = [Math.floor(at / golden.prompts.length), at % golden.prompts.length];
      let sum = 0;
      for (let d = 0; d < width; d++) sum += features[image * width + d]! * classes[k * width + d]!;
      return logitScale * sum;
    });
    expectClose("logits", logits, tensors.get("random.logits")!.data, { relative: 1e-5 });
    // So that a merge which does nothing cannot pass.
    const start = tensors.get("start.logits")!.data;
    expect(() => expectClose("logits", logits, start, { relative: 1e-3 })).toThrow("off by");
  },
);

/** What the model computes without adapters. */
async function measured({ engine, batch, golden }: Awaited<ReturnType<typeof openGolden>>) {
  const count = batch.labels.length;
  const features = await engine.imageFeatures(null, batch.pixels, count);
  return { count, features, classes: await engine.classEmbeddings(null, golden.prompts) };
}

test("an adapter of zeros gives OpenCLIP's file its own bytes, under its own names", async () => {
  const folder = temporaryFolder();
  const snapshot = await openSnapshot(openClip);
  await writeMergedSnapshot(folder, snapshot, adapterOf(snapshot, 0));
  const read = (from: string) => readNamedTensors(join(from, "open_clip_model.safetensors"));
  const [written, original] = [await read(folder), await read(openClip)];
  expect([...written.tensors.keys()].sort()).toEqual([...original.tensors.keys()].sort());
  for (const [name, tensor] of original.tensors)
    expect(written.tensors.get(name), name).toEqual(tensor);
  const settings = "open_clip_config.json";
  expect(readFileSync(join(folder, settings))).toEqual(readFileSync(join(openClip, settings)));
});

test("merges into the third of OpenCLIP's tensor that is the matrix's", async () => {
  const folder = temporaryFolder();
  const snapshot = await openSnapshot(openClip);
  const adapter = adapterOf(snapshot, 1);
  await writeMergedSnapshot(folder, snapshot, adapter);
  const merged = await openSnapshot(folder);
  for (const name of [
    "vision_model.encoder.layers.1.self_attn.k_proj",
    "text_model.encoder.layers.0.mlp.fc2",
  ]) {
    const before = await readFloat32(snapshot.tensors.get(`${name}.weight`)!);
    const after = await readFloat32(merged.tensors.get(`${name}.weight`)!);
    const [a, b] = ["A", "B"].map((part) => adapter.values.get(`${name}.lora_${part}.weight`)!);
    const width = a!.shape[1]!;
    const want = Float64Array.from(before, (weight, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      const update = [0, 1, 2].map((k) => b!.data[row * 3 + k]! * a!.data[k * width + column]!);
      // W + (5 / sqrt 3) B A
      return weight + (5 / Math.sqrt(3)) * update.reduce((sum, part) => sum + part, 0);
    });
    expectClose(name, after, want, { relative: 1e-7 });
  }
  expectClose(
    "biases",
    await readFloat32(merged.tensors.get("vision_model.encoder.layers.1.self_attn.v_proj.bias")!),
    await readFloat32(snapshot.tensors.get("vision_model.encoder.layers.1.self_attn.v_proj.bias")!),
    { absolute: 0 },
  );
});

test("puts the prefix of a custom text encoder before its names alone", async () => {
  const snapshot = await openSnapshot(openClip);
  const plain = asOpenClip(mergedWeights(snapshot, adapterOf(snapshot, 0)), "");
  const custom = asOpenClip(mergedWeights(snapshot, adapterOf(snapshot, 0)), "text.");
  expect(custom.map(({ name }) => name)).toEqual(
    plain.map(({ name }) =>
      name.startsWith("visual.") || name === "logit_scale" ? name : `text.${name}`,
    ),
  );
});

test("widens half-precision weights, and the settings say so", async () => {
  const half = temporaryFolder();
  cpSync(join(goldenFolder, "clip-a"), half, { recursive: true });
  const weights = join(half, "model.safetensors");
  const { tensors } = await openSnapshot(half);
  const entries: Parameters<typeof safetensorsBytes>[0] = {};
  let bytes = 0;
  for (const [name, { shape, length }] of tensors) {
    entries[name] = ["F16", shape, [bytes, bytes + length / 2]];
    bytes += length / 2;
  }
  const ones = new Uint16Array(bytes / 2).fill(0x3c00);
  writeFileSync(weights, safetensorsBytes(entries, Buffer.from(ones.buffer)));
  const config = join(half, "config.json");
  const plain = readFileSync(config, "utf8");
  const stating = (dtype: string): string =>
    plain
      .replace("{", `{ "dtype": "${dtype}",`)
      .replace(/"text_config": \{/, `$&\n "torch_dtype" : "${dtype}",`);
  writeFileSync(config, stating("float16"));
  writeFileSync(join(half, "open_clip_config.json"), "{}");
  const folder = temporaryFolder();
  const snapshot = await openSnapshot(half);
  await writeMergedSnapshot(folder, snapshot, adapterOf(snapshot, 0));
  const { tensors: written } = await readSafetensorsHeader(join(folder, "model.safetensors"));
  expect(new Set([...written.values()].map(({ dtype }) => dtype))).toEqual(new Set(["float32"]));
  const [value] = await readFloat32(written.get("text_projection.weight")!);
  expect(value).toBe(1);
  // To the letter: transformers takes no 1 in place of the 1.0 of "initializer_factor".
  const text = readFileSync(join(folder, "config.json"), "utf8");
  expect(text).toContain('"initializer_factor": 1.0');
  expect(text.match(/float32/g)).toHaveLength(2);
  expect(text).toBe(stating("float32"));
  // It is a model of Hugging Face's layout alone.
  expect(existsSync(join(folder, "open_clip_config.json"))).toBe(false);
});
