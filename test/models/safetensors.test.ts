import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  readFloat32,
  readNamedTensors,
  readSafetensorsHeader,
  writeSafetensors,
} from "../../src/models/safetensors";
import { UserError } from "../../src/util/errors";
import { randomValues } from "../support/random";
import { safetensorsBytes } from "../support/safetensorsBytes";
import { temporaryFolder } from "../support/temporaryFolder";

const golden = join(import.meta.dirname, "../golden");

test("reads back what it wrote", async () => {
  const file = join(temporaryFolder(), "below/x.safetensors");
  const tensors = new Map([
    ["matrix", { shape: [3, 5], data: Float32Array.from(randomValues(15, 1)) }],
    ["scalar", { shape: [], data: Float32Array.of(-0) }],
    ["empty", { shape: [0, 4], data: new Float32Array(0) }],
    ['Umlaut \u00e4 "quoted"', { shape: [2], data: Float32Array.of(NaN, Infinity) }],
  ]);
  await writeSafetensors(file, tensors, { format: "pt" });
  expect(await readNamedTensors(file)).toEqual({ tensors, metadata: { format: "pt" } });
  // The reference implementation starts the data at a multiple of 8 bytes.
  expect(readFileSync(file).readBigUInt64LE(0) % 8n).toBe(0n);
});

test("reads a file of the reference implementation", async () => {
  const { tensors } = await readSafetensorsHeader(join(golden, "clip-a/model.safetensors"));
  expect(tensors.get("text_model.embeddings.position_ids")).toMatchObject({
    dtype: "int64",
    shape: [1, 16],
    length: 128,
  });
  const scale = await readFloat32(tensors.get("logit_scale")!);
  expect([...scale]).toEqual([Math.fround(2.6592)]);
});

test("names the file that a link leads to, for the engine refuses links", async () => {
  const folder = temporaryFolder({ "blobs/1": safetensorsBytes({ a: ["F32", [1], [0, 4]] }, 4) });
  const link = join(folder, "model.safetensors");
  symlinkSync("blobs/1", link);
  const { tensors } = await readSafetensorsHeader(link);
  expect(tensors.get("a")!.file.endsWith(join("blobs", "1"))).toBe(true);
});

test("widens every float16 and bfloat16 value exactly", async () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const data = new Uint8Array(halves.buffer);
  const file = join(
    temporaryFolder({
      x: safetensorsBytes(
        { half: ["F16", [65536], [0, 131072]], brain: ["BF16", [65536], [131072, 262144]] },
        Buffer.concat([data, data]),
      ),
    }),
    "x",
  );
  const { tensors } = await readNamedTensors(file);
  const wrong: number[] = [];
  for (let i = 0; i < 65536; i++) {
    if (!Object.is(tensors.get("half")!.data[i], float16(i))) wrong.push(i);
    const bits = new Uint32Array(tensors.get("brain")!.data.buffer, i * 4, 1)[0];
    if (bits !== (i << 16) >>> 0) wrong.push(i);
  }
  expect(wrong).toEqual([]);
});

/** IEEE 754 binary16, by its definition. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const good = safetensorsBytes({ a: ["F32", [2, 3], [0, 24]], b: ["F16", [2], [24, 28]] }, 28);
const withHeader = (text: string, data = 0): Uint8Array => {
  const header = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(data)]);
};

test.each<[string, Uint8Array | string, RegExp]>([
  ["an empty file", "", /has 0 bytes, too few/],
  [
    "a cut file",
    good.subarray(0, good.length - 1),
    /is cut off: it has \d+ bytes but .* \d+; down/,
  ],
  ["a padded file", Buffer.concat([good, Buffer.of(0)]), /has bytes after its last tensor/],
  ["a header larger than the file", good.subarray(0, 40), /its header should have \d+ bytes but/],
  ["a header that is not JSON", withHeader("{not json"), /its header is not JSON/],
  [
    "a header of control characters",
    withHeader("\u001b[31m"),
    /its header is not JSON \([^\p{Cc}]*\\u001b[^\p{Cc}]*\); it is damaged/u,
  ],
  ["a header that is a list", withHeader("[]"), /its header is not a JSON object/],
  ["metadata of numbers", withHeader('{"__metadata__":{"a":1}}'), /__metadata__ is not a table/],
  ["an entry of another form", withHeader('{"a":3}'), /the entry of tensor a is not an object/],
  [
    "overlapping tensors",
    safetensorsBytes({ a: ["F32", [2], [0, 8]], b: ["F32", [2], [4, 12]] }, 12),
    /the bytes of tensor a and of tensor b overlap/,
  ],
  [
    "a hole",
    safetensorsBytes({ a: ["F32", [2], [0, 8]], b: ["F32", [2], [12, 20]] }, 20),
    /the bytes of tensor a and of tensor b leave a hole/,
  ],
  [
    "a hole at the start",
    safetensorsBytes({ a: ["F32", [2], [4, 12]] }, 12),
    /the bytes of the header and of tensor a leave a hole/,
  ],
  [
    "a shape that does not fit the bytes",
    safetensorsBytes({ a: ["F32", [3], [0, 8]] }, 8),
    /tensor a of shape \[3\] and dtype F32 needs 12 bytes but has 8/,
  ],
  [
    "a negative size",
    safetensorsBytes({ a: ["F32", [-1], [0, 8]] }, 8),
    /the shape of tensor a is \[-1\], not a list of sizes/,
  ],
  [
    "offsets in reverse",
    safetensorsBytes({ a: ["F32", [2], [8, 0]] }, 8),
    /the data_offsets of tensor a are \[8,0\]/,
  ],
  [
    "an unknown dtype",
    safetensorsBytes({ a: ["F31", [2], [0, 8]] }, 8),
    /tensor a has the unknown dtype "F31" \(known: F32, F16/,
  ],
  [
    "a name twice",
    withHeader(
      '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061" :{"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
      4,
    ),
    /its header names "a" twice/,
  ],
  ["a web page", "<!DOCTYPE html>\n<html><body>Not found</body></html>", /is a web page \(HTML\)/],
  [
    "a git-lfs pointer",
    "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    /is a git-lfs pointer .*`git lfs pull`/,
  ],
  ["a zip file", "PK\u0003\u0004 and so on", /is a zip or PyTorch file/],
])("says what is wrong with %s", async (_, content, message) => {
  const file = join(temporaryFolder({ "m.safetensors": content }), "m.safetensors");
  const read = readSafetensorsHeader(file);
  await expect(read).rejects.toThrow(UserError);
  await expect(read).rejects.toThrow(message);
  await expect(read).rejects.toThrow(file);
});

test("says that a file is missing, or a folder", async () => {
  const folder = temporaryFolder();
  await expect(readSafetensorsHeader(join(folder, "x"))).rejects.toThrow(
    /x: there is no such file/,
  );
  await expect(readSafetensorsHeader(folder)).rejects.toThrow(UserError);
});

test("reads no integers as weights", async () => {
  const file = join(temporaryFolder({ x: safetensorsBytes({ a: ["I64", [1], [0, 8]] }, 8) }), "x");
  await expect(readNamedTensors(file)).rejects.toThrow(/holds int64 values/);
});

test("a wrong number of values is our own mistake and leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const tensors = new Map([["a", { shape: [3], data: new Float32Array(2) }]]);
  const write = writeSafetensors(join(folder, "x"), tensors);
  await expect(write).rejects.toThrow("internal: tensor a: 2 values for shape [3]");
  expect(readdirSync(folder)).toEqual([]);
});
