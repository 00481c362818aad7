/**
 * A safetensors file of any header, right or wrong: dtype, shape and offsets of each tensor, and the data or how many
 * zero bytes.
 */
export function safetensorsBytes(
  tensors: Record<string, [dtype: string, shape: number[], offsets: [number, number]]>,
  data: Uint8Array | number,
): Uint8Array {
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, [dtype, shape, offsets]]) => [
      name,
      { dtype, shape, data_offsets: offsets },
    ]),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, typeof data === "number" ? Buffer.alloc(data) : data]);
}
