import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFloat32, readSafetensorsHeader } from "../../src/models/safetensors";
import { openSnapshot } from "../../src/models/snapshot";
import type { Snapshot } from "../../src/models/types";
import { materialise } from "../../src/models/weightCache";
import { safetensorsBytes } from "../support/safetensorsBytes";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyClipTensors, writeTinyClip } from "../support/tinyClip";

/** A tiny snapshot whose values bfloat16 holds exactly, and their bfloat16 form in its file. */
async function bfloat16Snapshot(): Promise<{ folder: string; values: Map<string, Float32Array> }> {
  const folder = temporaryFolder();
  const config = await writeTinyClip(folder);
  const values = new Map<string, Float32Array>();
  const entries: Parameters<typeof safetensorsBytes>[0] = {};
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tinyClipTensors(config)) {
    const halves = new Uint16Array(data.length);
    const bits = new Uint32Array(data.buffer);
    bits.forEach((word, i) => {
      halves[i] = word >>> 16;
      bits[i] = word & 0xffff0000;
    });
    values.set(name, data);
    const end = offset + halves.byteLength;
    entries[name] = ["BF16", shape, [offset, end]];
    parts.push(Buffer.from(halves.buffer));
    offset = end;
  }
  writeFileSync(join(folder, "model.safetensors"), safetensorsBytes(entries, Buffer.concat(parts)));
  return { folder, values };
}

async function expectValues(snapshot: Snapshot, values: Map<string, Float32Array>): Promise<void> {
  for (const [name, stored] of snapshot.tensors) {
    expect(stored.dtype).toBe("float32");
    expect(await readFloat32(stored)).toEqual(values.get(name));
  }
}

test("widens half precision once and finds it again", async () => {
  const cache = join(temporaryFolder(), "weights");
  const { folder, values } = await bfloat16Snapshot();
  const snapshot = await openSnapshot(folder);
  const first = await materialise(snapshot, cache);
  await expectValues(first, values);
  expect(first).toMatchObject({ folder, config: snapshot.config, logitScale: snapshot.logitScale });
  const [name, ...more] = readdirSync(cache);
  expect(more).toEqual([]);
  const made = statSync(join(cache, name!)).mtimeMs;
  const second = await materialise(await openSnapshot(folder), cache);
  expect(second).toEqual(first);
  expect(statSync(join(cache, name!)).mtimeMs).toBe(made);
});

test("widens again when the weights were replaced or the conversion is damaged", async () => {
  const cache = temporaryFolder();
  const { folder, values } = await bfloat16Snapshot();
  const first = await materialise(await openSnapshot(folder), cache);
  const [name] = readdirSync(cache);
  writeFileSync(join(cache, name!), "cut off");
  const mended = await materialise(await openSnapshot(folder), cache);
  expect(mended).toEqual(first);
  await expectValues(mended, values);
  utimesSync(join(folder, "model.safetensors"), 1, 2);
  await materialise(await openSnapshot(folder), cache);
  expect(readdirSync(cache)).toHaveLength(2);
});

test("leaves float32 weights where they are", async () => {
  const cache = join(temporaryFolder(), "weights");
  const folder = temporaryFolder();
  await writeTinyClip(folder);
  const snapshot = await openSnapshot(folder);
  expect(await materialise(snapshot, cache)).toBe(snapshot);
  expect(() => readdirSync(cache)).toThrow("ENOENT");
});

test("keeps what is transposed in an OpenCLIP file", async () => {
  const cache = temporaryFolder();
  const snapshot = await openSnapshot(join(import.meta.dirname, "../golden/open-clip"));
  // As if the file were of half precision: then all of it is converted.
  const tensors = new Map(snapshot.tensors);
  const file = join(temporaryFolder({ x: safetensorsBytes({ a: ["F16", [], [0, 2]] }, 2) }), "x");
  tensors.set("logit_scale", (await readSafetensorsHeader(file)).tensors.get("a")!);
  const result = await materialise({ ...snapshot, tensors }, cache);
  for (const [name, { shape, transposed }] of tensors) {
    expect(result.tensors.get(name)).toMatchObject({ shape, dtype: "float32" });
    expect(result.tensors.get(name)!.transposed).toBe(transposed);
  }
  const name = "vision_model.encoder.layers.1.self_attn.v_proj.weight";
  expect(await readFloat32(result.tensors.get(name)!)).toEqual(
    await readFloat32(snapshot.tensors.get(name)!),
  );
});
