import { InternalError } from "../util/errors";
import { uniform } from "../util/hash";
import { normalise } from "./pixels";
import { resizeBicubic } from "./resize";
import type { Box, RgbImage } from "./rgbImage";

/** What a CLIP expects of an image; `preprocessor_config.json` of a snapshot. */
export interface ImageTransform {
  /** Length of the short side after the resize of the evaluation transform. */
  size: number;
  /** Side S of the square that the vision tower sees. */
  cropSize: number;
  /** How the half pixel of an odd margin is rounded: down (transformers), or to the even number (torchvision, and so OpenCLIP). */
  oddMargin: "down" | "even";
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** What the augmentation of one image is a function of; `sample` names the image for the whole run. */
export interface Draw {
  seed: number;
  epoch: number;
  sample: number;
}

/** Keeps the draws of augmentation apart from those of other parts of the program. */
const augmentationStream = 0x63726f70;

const scaleRange = [0.08, 1] as const;
const ratioRange = [3 / 4, 4 / 3] as const;

/**
 * The evaluation transform up to its bytes, [S, S, 3]: the short side is resized to `size` with Pillow's bicubic, the long side
 * rounded down, and the middle is cut out; a crop larger than the image has a black border.
 */
export function evaluationPixels(
  image: RgbImage,
  { size, cropSize, oddMargin }: ImageTransform,
): RgbImage {
  const { width, height } = image;
  const resized: [number, number] =
    width <= height
      ? [size, Math.trunc((size * height) / width)]
      : [Math.trunc((size * width) / height), size];
  const [left, top] = resized.map((side) => marginOf(side - cropSize, oddMargin)) as [
    number,
    number,
  ];
  const visible: Box = {
    left: Math.max(left, 0),
    top: Math.max(top, 0),
    width: Math.min(cropSize, resized[0]),
    height: Math.min(cropSize, resized[1]),
  };
  const pixels = resizeBicubic(image, { left: 0, top: 0, width, height }, resized, visible);
  if (visible.width === cropSize && visible.height === cropSize) return pixels;
  const framed = new Uint8Array(cropSize * cropSize * 3);
  for (let y = 0; y < pixels.height; y++) {
    const row = pixels.data.subarray(y * pixels.width * 3, (y + 1) * pixels.width * 3);
    framed.set(row, ((visible.top - top + y) * cropSize + visible.left - left) * 3);
  }
  return { width: cropSize, height: cropSize, data: framed };
}

/** What lies before the middle where `rest` pixels are cut off in all. */
function marginOf(rest: number, oddMargin: ImageTransform["oddMargin"]): number {
  const down = Math.floor(rest / 2);
  return oddMargin === "even" && rest % 2 !== 0 && down % 2 !== 0 ? down + 1 : down;
}

/**
 * The augmentation's bytes, [S, S, 3], before the flip: the box of `augmentation` resized with Pillow's bicubic. sharp's own
 * cubic kernel is no quicker here (bench/images.ts) and differs from Pillow by several grey levels.
 */
export function cropPixels(image: RgbImage, box: Box, { cropSize }: ImageTransform): RgbImage {
  return resizeBicubic(image, box, [cropSize, cropSize]);
}

/**
 * Torchvision's RandomResizedCrop (scale 0.08 to 1, ratio 3/4 to 4/3) and RandomHorizontalFlip (probability 1/2) as a
 * function of the draw and the image's size.
 */
export function augmentation(
  width: number,
  height: number,
  { seed, epoch, sample }: Draw,
): { box: Box; flip: boolean } {
  const draw = (attempt: number, which: number) =>
    uniform(augmentationStream, seed, epoch, sample, attempt, which);
  const flip = draw(0, 0) < 0.5;
  for (let attempt = 1; attempt <= 10; attempt++) {
    const area = width * height * between(scaleRange, draw(attempt, 0));
    const logRatio: [number, number] = [Math.log(ratioRange[0]), Math.log(ratioRange[1])];
    const ratio = Math.exp(between(logRatio, draw(attempt, 1)));
    const w = roundHalfEven(Math.sqrt(area * ratio));
    const h = roundHalfEven(Math.sqrt(area / ratio));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const top = Math.floor(draw(attempt, 2) * (height - h + 1));
    const left = Math.floor(draw(attempt, 3) * (width - w + 1));
    return { box: { left, top, width: w, height: h }, flip };
  }
  return { box: largestCentralBox(width, height), flip };
}

/** What torchvision falls back to when ten boxes did not fit: the largest central box whose ratio is allowed. */
function largestCentralBox(width: number, height: number): Box {
  const ratio = width / height;
  const w = ratio > ratioRange[1] ? roundHalfEven(height * ratioRange[1]) : width;
  const h = ratio < ratioRange[0] ? roundHalfEven(width / ratioRange[0]) : height;
  return {
    left: Math.floor((width - w) / 2),
    top: Math.floor((height - h) / 2),
    width: w,
    height: h,
  };
}

/** The means and standard deviations of a transform, as `writeNormalised` takes them. */
export function normalisation({ mean, std }: ImageTransform): Float32Array {
  return Float32Array.of(...mean, ...std);
}

/**
 * Writes square pixels as [3, S, S] at `offset` of `output`, mirrored left to right where `flip`, normalised in the float32
 * steps of torchvision: /255, -mean, /std.
 */
export function writeNormalised(
  pixels: RgbImage,
  statistics: Float32Array,
  output: Float32Array,
  offset: number,
  flip: boolean,
): void {
  if (pixels.width < 4) throw new InternalError(`an image ${pixels.width} pixels wide for a model`);
  normalise(pixels, statistics, output, offset, flip);
}

function between([low, high]: readonly [number, number], share: number): number {
  return low + (high - low) * share;
}

/** Python's round(): halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
