import { describe, sizeOf, type Type } from "../graph/tensor";
import { dropoutRows } from "../models/dropout";
import { type ClipProgram, readsOneToken } from "../models/graphs";
import { rowsName } from "../models/adapterInputs";
import type { Site } from "../models/lora";
import type { HostTensor } from "../runtime/session";
import { InternalError } from "../util/errors";
import type { Draw } from "./engineTypes";

type Feeds = Record<string, HostTensor>;

/** [start, end) of each piece of `count` things, `size` at most in each. */
export function chunksOf(count: number, size: number): [number, number][] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => [
    i * size,
    Math.min(count, (i + 1) * size),
  ]);
}

/** `values` with zeros behind up to `length`; graphs have static shapes, so a last short piece is filled up. */
export function padded<T extends Float32Array | Int32Array>(values: T, length: number): T {
  if (values.length === length) return values;
  const full = new (values.constructor as new (length: number) => T)(length);
  full.set(values);
  return full;
}

/** A tensor of zeros for an output to be written into. */
export function emptyTensor({ dtype, shape }: Type): HostTensor {
  const size = sizeOf(shape);
  const data = dtype === "float16" ? new Uint16Array(size) : new Float32Array(size);
  if (dtype !== "float16" && dtype !== "float32")
    throw new InternalError(
      `emptyTensor: a float16 or float32 tensor, ${describe({ dtype, shape })}`,
    );
  return { dtype, shape, data };
}

/** Dropout rows of every vision site for the images with these ids. */
export function imageRows(program: ClipProgram, draw: Draw, sampleIds: Int32Array): Feeds {
  const { vision } = program.snapshot.config;
  const tokens = (vision.imageSize / vision.patchSize) ** 2 + 1;
  return siteRows(program, "vision", (site, number) =>
    dropoutRows(draw, number, sampleIds, readsOneToken(site, vision.layers) ? 1 : tokens),
  );
}

/** The dropout rows of each site of an encoder as inputs of its graph. */
export function siteRows(
  { sites, packed }: ClipProgram,
  encoder: Site["encoder"],
  rowsOf: (site: Site, number: number) => Int32Array,
): Feeds {
  const found = [...sites.entries()]
    .filter(([, site]) => site.encoder === encoder)
    .map(([number, site]) => [site, rowsOf(site, number)] as const);
  if (!packed)
    return Object.fromEntries(
      found.map(([site, data]) => [rowsName(site), { dtype: "int32", shape: [data.length], data }]),
    );
  const all = new Float32Array(found.reduce((sum, [, rows]) => sum + rows.length, 0));
  let start = 0;
  for (const [, rows] of found) {
    all.set(rows, start);
    start += rows.length;
  }
  return { [rowsName(encoder)]: { dtype: "float32", shape: [all.length], data: all } };
}
