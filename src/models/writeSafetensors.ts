import { InternalError } from "../util/errors";
import { writeAtomically } from "../util/writeAtomically";
import type { NamedTensors } from "./types";

/** A float32 tensor whose values are made when they are written, in pieces, so that a large model need not fit in memory. */
export interface TensorSource {
  name: string;
  shape: readonly number[];
  values: () => Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/**
 * Writes float32 tensors as a safetensors file, in the map's order. The file is complete or absent: it is written
 * beside, flushed and renamed. A disk that is full or read-only is a UserError.
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeTensorSources(path, tensorSources(tensors), metadata);
}

/** Tensors in memory as sources for `writeTensorSources`. */
export function tensorSources(tensors: NamedTensors): TensorSource[] {
  return [...tensors].map(([name, { shape, data }]) => ({ name, shape, values: () => [data] }));
}

/** As `writeSafetensors`, of tensors that are made while they are written. */
export async function writeTensorSources(
  path: string,
  sources: readonly TensorSource[],
  metadata: Record<string, string> = {},
): Promise<void> {
  const header = headerBytes(sources, metadata);
  await writeAtomically(path, async (file) => {
    await file.writeFile(header);
    for (const { name, shape, values } of sources) {
      let count = 0;
      for await (const part of values()) {
        count += part.length;
        await file.writeFile(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      }
      if (count !== elements(shape)) {
        throw new InternalError(`tensor ${name}: ${count} values for shape [${shape.join(", ")}]`);
      }
    }
  });
}

function headerBytes(sources: readonly TensorSource[], metadata: Record<string, string>): Buffer {
  const entries: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) entries["__metadata__"] = metadata;
  let offset = 0;
  for (const { name, shape } of sources) {
    if (name in entries) throw new InternalError(`tensor ${name} is written twice`);
    const end = offset + 4 * elements(shape);
    entries[name] = { dtype: "F32", shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(entries));
  // Spaces after the JSON put the data at a multiple of 8 bytes, as the reference implementation does.
  const padding = (8 - (json.length % 8)) % 8;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding));
  return Buffer.concat([length, json, Buffer.alloc(padding, " ")]);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
