import { pixelCode } from "./pixelCode";
import type { Box, RgbImage } from "./rgbImage";

/** The loops over pixels, done by the WebAssembly of pixels.wat: three to four times as fast as in JavaScript. */

/** The weights of a range of an axis's output pixels; i counts from the first of the range. */
export interface Weights {
  /** First input pixel of output pixel i, counted from the first that the range needs. */
  first: Int32Array;
  /** Number of input pixels of output pixel i, at least 1. */
  count: Int32Array;
  /** Fixed-point weights with 22 fractional bits; those of output pixel i start at i * `stride`. */
  values: Int32Array;
  stride: number;
}

/** The exports of pixels.wat; what the parameters are is said there. */
interface PixelModule {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  across(...parameters: number[]): void;
  down(...parameters: number[]): void;
  normalise(...parameters: number[]): void;
}

/** The part of the WebAssembly interface that is used here; TypeScript knows it only together with a browser's. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** What is copied into WebAssembly's memory at a time: little enough to stay in a processor's cache. */
const chunkBytes = 2 ** 18;
/** Vectors may reach so far beyond the end of an area. */
const spareBytes = 16;

const module = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(pixelCode, "base64")))
  .exports as PixelModule;

/** Horizontal pass over a box of the image: a column for each of the weights' output pixels. */
export function resizeAcross(image: RgbImage, box: Box, weights: Weights): RgbImage {
  const width = weights.first.length;
  const from = box.width * 3;
  const to = width * 3;
  const data = new Uint8Array(box.height * to);
  const rows = Math.max(Math.floor(chunkBytes / (from + to)), 1);
  const area = arrange(weightBytes(weights), rows * from, rows * to);
  const places = storeWeights(area[0]!, weights, 3);
  for (let y = 0; y < box.height; y += rows) {
    const n = Math.min(rows, box.height - y);
    storeBox(area[1]!, image, { ...box, top: box.top + y, height: n });
    module.across(area[1]!, from, n, ...places, width, area[2]!);
    data.set(bytes(area[2]!, n * to), y * to);
  }
  return { width, height: box.height, data };
}

/** Vertical pass over a box of the image: a row for each of the weights' output pixels. */
export function resizeDown(image: RgbImage, box: Box, weights: Weights): RgbImage {
  const { first, count } = weights;
  const height = first.length;
  const length = box.width * 3;
  const data = new Uint8Array(height * length);
  const needed = (from: number, to: number) => first[to]! + count[to]! - first[from]!;
  let y = 0;
  while (y < height) {
    let end = y + 1;
    while (end < height && needed(y, end) * length <= chunkBytes) end++;
    const rows = needed(y, end - 1);
    const area = arrange(weightBytes(weights), rows * length, (end - y) * length);
    const [firsts, counts, values, stride] = storeWeights(area[0]!, weights, 1);
    storeBox(area[1]!, image, { ...box, top: box.top + first[y]!, height: rows });
    module.down(
      // Where the first row of all would lie, if it were there.
      area[1]! - first[y]! * length,
      length,
      length,
      firsts + 4 * y,
      counts + 4 * y,
      values + stride * y,
      stride,
      end - y,
      area[2]!,
    );
    data.set(bytes(area[2]!, (end - y) * length), y * length);
    y = end;
  }
  return { width: box.width, height, data };
}

/**
 * Pixels as planes [3, height, width] of (byte / 255 - mean) / std in float32, at `offset` of `output`, mirrored left to right
 * where `flip`. `statistics` are the three means, then the three standard deviations. The width is at least 4.
 */
export function normalise(
  { width, height, data }: RgbImage,
  statistics: Float32Array,
  output: Float32Array,
  offset: number,
  flip: boolean,
): void {
  const area = arrange(statistics.byteLength, data.length, data.length * 4);
  bytes(area[0]!, statistics.byteLength).set(new Uint8Array(statistics.buffer));
  bytes(area[1]!, data.length).set(data);
  const plane = width * height * 4;
  module.normalise(area[1]!, width, height, area[0]!, flip ? 1 : 0, area[2]!, plane);
  output.set(new Float32Array(module.memory.buffer, area[2], data.length), offset);
}

/** Starts of areas of these lengths; the memory grows where it has to. */
function arrange(...lengths: number[]): number[] {
  let end = 0;
  const starts = lengths.map((length) => {
    const start = end;
    end += Math.ceil((length + spareBytes) / 16) * 16;
    return start;
  });
  const missing = end - module.memory.buffer.byteLength;
  if (missing > 0) module.memory.grow(Math.ceil(missing / 2 ** 16));
  return starts;
}

function bytes(start: number, length: number): Uint8Array {
  return new Uint8Array(module.memory.buffer, start, length);
}

function weightBytes({ first, values }: Weights): number {
  return (2 * first.length + values.length) * 4;
}

/** Stores the weights; gives the addresses of first, count and values, and the stride in bytes. `unit` is the bytes of an input pixel. */
function storeWeights(
  start: number,
  { first, count, values, stride }: Weights,
  unit: number,
): [first: number, count: number, values: number, stride: number] {
  const n = first.length;
  const store = new Int32Array(module.memory.buffer, start, 2 * n + values.length);
  for (let i = 0; i < n; i++) store[i] = first[i]! * unit;
  store.set(count, n);
  store.set(values, 2 * n);
  return [start, start + 4 * n, start + 8 * n, 4 * stride];
}

/** Stores the pixels of a box without gaps. */
function storeBox(start: number, image: RgbImage, { left, top, width, height }: Box): void {
  const length = width * 3;
  const store = bytes(start, height * length);
  if (width === image.width) {
    store.set(image.data.subarray(top * length, (top + height) * length));
    return;
  }
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3;
    store.set(image.data.subarray(from, from + length), y * length);
  }
}
