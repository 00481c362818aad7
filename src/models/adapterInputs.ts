import { input } from "../graph/leaves";
import { cast } from "../graph/ops/elementwise";
import { concat, gather, reshape, slice } from "../graph/ops/shape";
import { type DType, type Shape, sizeOf, type Tensor } from "../graph/tensor";
import type { BlockAdapters } from "../nn/transformer";
import { poolRows } from "./dropout";
import { type Encoder, loraScaling, type LoraSpec, parameterLayout, type Site } from "./lora";

/**
 * How adapters travel to a graph and their gradients back: each tensor under its own name, or packed into one, because on a
 * GPU every tensor that travels costs more than its bytes do (WebGPU on an H100: 0.6 ms for each that comes back).
 */
export interface AdapterProgram {
  /** All adapted matrices of the model. */
  sites: readonly Site[];
  lora: LoraSpec;
  /** Arithmetic of the graph. What is fed and given back is float32 (float64 in a float64 graph). */
  dtype: DType;
  /** One tensor for all adapters (`theta`), one for an encoder's dropout rows, one for its gradients. */
  packed: boolean;
}

/** Name of the graph input that holds all adapters one after the other, in the order of `parameterLayout`. */
export const thetaName = "theta";

/** Name of the graph input that holds the dropout pool for adapters of that input width. */
export const poolName = (width: number): string => `dropout.pool.${width}`;

/** Name of the graph input that holds row numbers of the dropout pool, of a site or (packed, in float32) of an encoder's sites in turn. */
export const rowsName = (of: Site | Encoder): string =>
  `dropout.rows.${typeof of === "string" ? of : of.name}`;

/** Name of the output with the gradient of an adapter's tensor, or (packed) of an encoder's one after the other. */
export const gradientOf = (name: string): string => `gradient.${name}`;

/** Makes a graph's inputs; a name that was asked for before gives the same input. */
export type NamedInputs = typeof input;

export function namedInputs(): NamedInputs {
  const made = new Map<string, Tensor>();
  return (name, dtype, shape) => {
    const known = made.get(name) ?? input(name, dtype, shape);
    made.set(name, known);
    return known;
  };
}

export interface AdapterInputs {
  encoder: Encoder;
  blocks: BlockAdapters[];
  /** What gradients are asked for, by PEFT's name, in the order of the layout. */
  leaves: Map<string, Tensor>;
}

/**
 * Makes the inputs for one encoder's adapters. With dropout `rowsOf` tells how many rows the matrix of a site sees, and
 * each site gets its own mask from a pool (see dropout.ts); null is no dropout.
 */
export function adapterInputs(
  encoder: Encoder,
  program: AdapterProgram,
  inputs: NamedInputs,
  rowsOf: ((site: Site) => number) | null,
): AdapterInputs {
  const { lora, dtype } = program;
  const sites = program.sites.filter((site) => site.encoder === encoder);
  const parameter = program.packed
    ? packedParameters(program, inputs)
    : (name: string, shape: Shape) => {
        const leaf = inputs(name, outerType(dtype), shape);
        return { leaf, value: cast(leaf, dtype) };
      };
  const rows = rowsOf && maskRows(encoder, sites, program.packed, inputs, rowsOf);
  const blocks: BlockAdapters[] = [];
  const leaves = new Map<string, Tensor>();
  for (const site of sites) {
    const tensor = (suffix: string, shape: Shape): Tensor => {
      const name = `${site.name}.${suffix}.weight`;
      const { leaf, value } = parameter(name, shape);
      leaves.set(name, leaf);
      return value;
    };
    const a = tensor("lora_A", [lora.rank, site.inSize]);
    const b = tensor("lora_B", [site.outSize, lora.rank]);
    const adapter = { a, b, scaling: loraScaling(lora) };
    const { inSize } = site;
    const mask =
      rows &&
      gather(cast(inputs(poolName(inSize), "float32", [poolRows, inSize]), dtype), rows(site));
    (blocks[site.layer] ??= {})[site.target] = mask ? { ...adapter, mask } : adapter;
  }
  return { encoder, blocks, leaves };
}

/** Parameters as pieces of the one vector. */
function packedParameters({ sites, lora, dtype }: AdapterProgram, inputs: NamedInputs) {
  const layout = parameterLayout(sites, lora.rank);
  const slots = new Map(layout.map((slot) => [slot.name, slot]));
  const length = layout.reduce((sum, { size }) => sum + size, 0);
  const theta = cast(inputs(thetaName, outerType(dtype), [length]), dtype);
  return (name: string, shape: Shape) => {
    const { offset, size } = slots.get(name)!;
    const leaf = reshape(slice(theta, 0, offset, offset + size), shape);
    return { leaf, value: leaf };
  };
}

/** The pool's rows that make each site's mask. */
function maskRows(
  encoder: Encoder,
  sites: readonly Site[],
  packed: boolean,
  inputs: NamedInputs,
  rowsOf: (site: Site) => number,
): (site: Site) => Tensor {
  if (!packed) return (site) => inputs(rowsName(site), "int32", [rowsOf(site)]);
  const total = sites.reduce((sum, site) => sum + rowsOf(site), 0);
  // float32 holds these whole numbers exactly, and unlike integers WebGPU can take it to pieces.
  const all = inputs(rowsName(encoder), "float32", [total]);
  let start = 0;
  const rows = new Map(
    sites.map((site) => [site, cast(slice(all, 0, start, (start += rowsOf(site))), "int32")]),
  );
  return (site) => rows.get(site)!;
}

/** The outputs with the gradients of encoders' adapters, given for their leaves in turn. */
export function gradientOutputs(
  { dtype, packed }: AdapterProgram,
  adapters: readonly AdapterInputs[],
  found: readonly Tensor[],
): Record<string, Tensor> {
  let start = 0;
  return Object.fromEntries(
    adapters.flatMap(({ encoder, leaves }) => {
      const own = found.slice(start, (start += leaves.size));
      if (!packed) return [...leaves.keys()].map((name, i) => [gradientOf(name), own[i]!]);
      if (own.length === 0) return [];
      const flat = own.map((gradient) => reshape(gradient, [sizeOf(gradient.shape)]));
      return [[gradientOf(encoder), cast(concat(flat, 0), outerType(dtype))]];
    }),
  );
}

/** What tensors that are fed and given back are made of. */
export function outerType(dtype: DType): DType {
  return dtype === "float64" ? "float64" : "float32";
}
