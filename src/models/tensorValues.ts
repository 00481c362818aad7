import { open } from "node:fs/promises";
import { UserError } from "../util/errors";
import { readBytes, readSafetensorsHeader } from "./safetensorsHeader";
import type { NamedTensors, StoredTensor } from "./types";

/** Reads the values of a float32, float16 or bfloat16 tensor as float32 (exact), in the file's order. */
export async function readFloat32(stored: StoredTensor): Promise<Float32Array<ArrayBuffer>> {
  const handle = await open(stored.file, "r");
  try {
    return toFloat32(await readBytes(handle, stored.file, stored.offset, stored.length), stored);
  } finally {
    await handle.close();
  }
}

/** Reads all tensors of a safetensors file as float32. One that holds anything but floating-point values is a UserError. */
export async function readNamedTensors(
  path: string,
): Promise<{ tensors: NamedTensors; metadata: Record<string, string> }> {
  const { tensors: stored, metadata } = await readSafetensorsHeader(path);
  const tensors: NamedTensors = new Map();
  for (const [name, tensor] of stored) {
    tensors.set(name, { shape: tensor.shape, data: await readFloat32(tensor) });
  }
  return { tensors, metadata };
}

/** Widens a tensor's bytes, which start at an even address of their buffer, to float32. */
export function toFloat32(
  bytes: Uint8Array<ArrayBuffer>,
  { dtype, file }: Pick<StoredTensor, "dtype" | "file">,
): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === "float32") return new Float32Array(buffer, byteOffset, byteLength / 4);
  if (dtype !== "float16" && dtype !== "bfloat16") {
    throw new UserError(
      `${file}: holds ${dtype} values where float32, float16 or bfloat16 are needed; convert it first`,
    );
  }
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  const bits = new Uint32Array(halves.length);
  if (dtype === "bfloat16") for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  else {
    const table = float16Bits();
    for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i]!]!;
  }
  return new Float32Array(bits.buffer);
}

let float16Table: Uint32Array | undefined;

/** The float32 bits of each of the 65,536 float16 values: a look-up is several times as quick as the arithmetic. */
function float16Bits(): Uint32Array {
  float16Table ??= Uint32Array.from({ length: 65536 }, (_, half) => {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
    if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
    if (fraction === 0) return sign;
    // A subnormal float16 is a normal float32: its highest bit becomes the hidden one.
    const shift = Math.clz32(fraction) - 21;
    return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
  });
  return float16Table;
}
