import {
  apply,
  describe,
  fail,
  type DType,
  type Op,
  sizeOf,
  type Shape,
  type Tensor,
} from "./tensor";

/** Bytes of a file that an initializer points into; `location` is relative to the session's weights folder. */
export interface ExternalBytes {
  location: string;
  offset: number;
  length: number;
}

export type ConstantData =
  Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array;

type Leaf<Attrs> = Op<readonly [], Attrs>;

/** A value that is fed at run time. */
export const Input: Leaf<{ name: string; dtype: DType; shape: Shape }> = {
  onnx: "",
  type: (_, { dtype, shape }) => ({ dtype, shape }),
  vjp: () => [],
};

/** A value that lies in the ONNX file itself. */
export const Constant: Leaf<{ data: ConstantData; dtype: DType; shape: Shape }> = {
  onnx: "",
  type: (_, { dtype, shape }) => ({ dtype, shape }),
  vjp: () => [],
};

/** A value that is mapped from another file. */
export const External: Leaf<{ name: string; bytes: ExternalBytes; dtype: DType; shape: Shape }> = {
  onnx: "",
  type: (_, { dtype, shape }) => ({ dtype, shape }),
  vjp: () => [],
};

/** A tensor that is fed under `name` at run time. */
export function input(name: string, dtype: DType, shape: Shape): Tensor {
  return apply(Input, [], { name, dtype, shape });
}

/** A tensor of given numbers; floats are stored in `dtype` (float16 is not offered here: cast a float32 constant). */
export function constant(
  values: readonly number[] | Float32Array | Int32Array,
  shape: Shape,
  dtype: DType = "float32",
): Tensor {
  if (values.length !== sizeOf(shape))
    fail(
      `constant: as many values as elements, ${values.length} values for ${describe({ dtype, shape })}`,
    );
  return apply(Constant, [], { data: store(values, dtype), dtype, shape });
}

/** A single number with the dtype of `like`, of rank 0. */
export function scalar(value: number, like: Tensor): Tensor {
  return constant([value], [], like.dtype);
}

/** A weight whose bytes stay in the file where they lie. */
export function external(name: string, bytes: ExternalBytes, dtype: DType, shape: Shape): Tensor {
  const size = { float32: 4, float16: 2, float64: 8, int32: 4, int64: 8, bool: 1 }[dtype];
  if (bytes.length !== size * sizeOf(shape))
    fail(
      `external: bytes for every element, ${bytes.length} bytes for ${describe({ dtype, shape })} (${name})`,
    );
  return apply(External, [], { name, bytes, dtype, shape });
}

export function isLeaf(node: Tensor): boolean {
  return node.op.onnx === "";
}

function store(values: readonly number[] | Float32Array | Int32Array, dtype: DType): ConstantData {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "float16":
      return halfBits(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from(Array.from(values, BigInt));
    case "bool":
      return Uint8Array.from(values);
  }
}

/** Rounds to IEEE half precision (nearest even) and gives the bits. */
export function halfBits(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]!;
    bits[i] = halfOf(word[0]!);
  }
  return bits;
}

function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const mantissa = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const e = exponent - 112;
  if (e >= 31) return sign | 0x7c00;
  if (e <= 0) {
    if (e < -10) return sign;
    const shift = 14 - e;
    return sign | roundShift(mantissa | 0x800000, shift);
  }
  // A mantissa that rounds up to 0x400 carries into the exponent, which is what it should do.
  return sign | ((e << 10) + roundShift(mantissa, 13));
}

/** `value >> shift`, rounded to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
}

/** Zeros of a type. */
export function zeros({ dtype, shape }: { dtype: DType; shape: Shape }): Tensor {
  return constant(new Float32Array(sizeOf(shape)), shape, dtype);
}
