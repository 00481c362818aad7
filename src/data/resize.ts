import { resizeAcross, resizeDown, type Weights } from "./pixels";
import type { Box, RgbImage } from "./rgbImage";

/**
 * Pillow's resize for 8-bit RGB with the bicubic filter (libImaging/Resample.c of Pillow 13, MIT-CMU licence), byte for byte:
 * two passes in fixed point with 22 fractional bits, each rounded to 8 bits. The filter is Keys' cubic with a = -0.5; its
 * support grows with the scale when shrinking, so nothing aliases.
 */

/** The weights of an output range, and the input pixels that it needs: `start` to `start` + `length`. */
interface Filter extends Weights {
  start: number;
  length: number;
}

const precisionBits = 32 - 8 - 2;
const support = 2;

/**
 * The part `output` of what Pillow's `image.crop(source).resize((width, height), BICUBIC)` gives, without computing the
 * rest. `output` lies within width x height. The result shares no memory with the image.
 */
export function resizeBicubic(
  image: RgbImage,
  source: Box,
  [width, height]: [width: number, height: number],
  output: Box = { left: 0, top: 0, width, height },
): RgbImage {
  // Pillow leaves out the pass of an axis whose size stays.
  const across =
    source.width === width
      ? undefined
      : coefficients(source.width, width, output.left, output.width);
  const down =
    source.height === height
      ? undefined
      : coefficients(source.height, height, output.top, output.height);
  const needed: Box = {
    left: source.left + (across ? across.start : output.left),
    top: source.top + (down ? down.start : output.top),
    width: across ? across.length : output.width,
    height: down ? down.length : output.height,
  };
  if (!across) return down ? resizeDown(image, needed, down) : cut(image, needed);
  if (!down) return resizeAcross(image, needed, across);
  // Since version 13 Pillow makes the vertical pass first where the height loses much more than the width.
  const lost = source.height - height;
  if (lost > 0 && lost > 2 * (source.width - width)) {
    const low = resizeDown(image, needed, down);
    return resizeAcross(low, whole(low), across);
  }
  const narrow = resizeAcross(image, needed, across);
  return resizeDown(narrow, whole(narrow), down);
}

function whole({ width, height }: RgbImage): Box {
  return { left: 0, top: 0, width, height };
}

/**
 * Bounds and weights of the output pixels `from` to `from` + `length` of one axis; Pillow's precompute_coeffs and
 * normalize_coeffs_8bpc. They take about 2% of a resize, which is why they are not kept.
 */
function coefficients(inputSize: number, outputSize: number, from: number, length: number): Filter {
  const scale = inputSize / outputSize;
  const filterScale = Math.max(scale, 1);
  const reach = support * filterScale;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const values = new Int32Array(length * stride);
  const exact = new Float64Array(stride);
  const inverse = 1 / filterScale;
  for (let i = 0; i < length; i++) {
    const centre = (from + i + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const n = Math.min(Math.trunc(centre + reach + 0.5), inputSize) - start;
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const weight = bicubic((k + start - centre + 0.5) * inverse);
      exact[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < n; k++) {
      const weight = (sum === 0 ? exact[k]! : exact[k]! / sum) * (1 << precisionBits);
      values[i * stride + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    first[i] = start;
    count[i] = n;
  }
  const begin = first[0]!;
  const needed = first[length - 1]! + count[length - 1]! - begin;
  for (let i = 0; i < length; i++) first[i]! -= begin;
  return { start: begin, length: needed, first, count, values, stride };
}

/** Keys' cubic convolution kernel with a = -0.5, in Pillow's order of operations. */
function bicubic(position: number): number {
  const a = -0.5;
  const x = Math.abs(position);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** The pixels of a box. */
function cut(image: RgbImage, { left, top, width, height }: Box): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}
