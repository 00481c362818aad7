import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Box, RgbImage } from "../../src/data/rgbImage";
import type { Draw, ImageTransform } from "../../src/data/transforms";

const golden = join(import.meta.dirname, "../golden");

/** What Pillow and numpy made of images; written by test/golden/images.py. */
export const reference = JSON.parse(readFileSync(join(golden, "images.json"), "utf8")) as {
  normalised: string;
  kinds: {
    file: string;
    mode: string;
    width: number;
    height: number;
    sha256: string;
    rgb?: string;
  }[];
  resizes: { source: [number, number]; size: [number, number]; sha256: string }[];
  evaluations: { source: [number, number]; size: number; cropSize: number; sha256: string }[];
  augmentations: {
    source: [number, number];
    draw: Draw;
    box: Box;
    flip: boolean;
    sha256: string;
  }[];
  caltech: { path: string; decoded: string; evaluation: string }[];
};

/** Path of a file of a certain kind. */
export const kindFile = (name: string) => join(golden, "images/kinds", name);

/** CLIP's own numbers. */
export const clipTransform: ImageTransform = {
  size: 224,
  cropSize: 224,
  oddMargin: "down",
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

export const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

/** The pixels that `drawn` of images.py draws: full of edges, so that the cubic overshoots. */
export function drawn(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        data[to++] = (x * x * 3 + y * y * 5 + x * y * 7 + c * 85) ^ (x * 13 + y * 29);
  return { width, height, data };
}
