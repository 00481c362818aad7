import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  augmentation,
  cropPixels,
  evaluationPixels,
  normalisation,
  writeNormalised,
} from "../../src/data/transforms";
import { clipTransform, drawn, reference, sha256 } from "./imageReference";

describe("evaluation transform", () => {
  it("gives the bytes of Pillow's resize and transformers' centre crop", () => {
    const wrong = reference.evaluations.filter(({ source, size, cropSize, sha256: expected }) => {
      const pixels = evaluationPixels(drawn(...source), { ...clipTransform, size, cropSize });
      return sha256(pixels.data) !== expected;
    });
    expect(reference.evaluations.length).toBe(45);
    expect(wrong).toEqual([]);
  });

  it("gives the bytes of OpenCLIP's resize and torchvision's centre crop", () => {
    const file = join(import.meta.dirname, "../golden/openClipImages.json");
    const { evaluations } = JSON.parse(readFileSync(file, "utf8")) as typeof reference;
    const wrong = (oddMargin: "down" | "even") =>
      evaluations.filter(({ source, size, sha256: expected }) => {
        const transform = { ...clipTransform, size, cropSize: size, oddMargin };
        return sha256(evaluationPixels(drawn(...source), transform).data) !== expected;
      });
    expect(evaluations.length).toBe(27);
    expect(wrong("even")).toEqual([]);
    // So that the rule shows in them.
    expect(wrong("down").length).toBeGreaterThan(3);
  });

  it("normalises every byte to numpy's float32", () => {
    const bytes = Buffer.from(reference.normalised, "base64");
    const data = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
    const output = new Float32Array(768);
    const pixels = { width: 16, height: 16, data };
    writeNormalised(pixels, normalisation(clipTransform), output, 0, false);
    expect(output).toEqual(new Float32Array(new Uint8Array(bytes).buffer));
  });

  it.each([4, 5, 6, 7, 8, 19, 32])("writes planes of side %i, mirrored where asked", (side) => {
    const { data } = drawn(side, side);
    const transform = { ...clipTransform, mean: [0, 0, 0], std: [1 / 255, 1, 1 / 51] } as const;
    const at = (x: number, y: number, c: number) => data[(y * side + x) * 3 + c]!;
    for (const flip of [false, true]) {
      const output = new Float32Array(3 * side * side + 2).fill(-1);
      writeNormalised(
        { width: side, height: side, data },
        normalisation(transform),
        output,
        1,
        flip,
      );
      expect([output[0], output.at(-1)]).toEqual([-1, -1]);
      const scale = [1, 1 / 255, 1 / 5];
      output.subarray(1, -1).forEach((value, i) => {
        const [c, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
        expect(value).toBeCloseTo(at(flip ? side - 1 - x : x, y, c) * scale[c]!, 4);
      });
    }
  });
});

describe("augmentation", () => {
  it("draws torchvision's boxes and resizes them as Pillow does", () => {
    for (const { source, draw, box, flip, sha256: expected } of reference.augmentations) {
      const drawnBox = augmentation(...source, draw);
      expect({ source, draw, ...drawnBox }).toEqual({ source, draw, box, flip });
      const { data } = cropPixels(drawn(...source), box, { ...clipTransform, cropSize: 96 });
      expect(sha256(flip ? mirrored(data, 96) : data)).toBe(expected);
    }
  });

  it("flips half of the images and covers the asked-for scales and ratios", () => {
    const draws = Array.from({ length: 4000 }, (_, sample) =>
      augmentation(500, 375, { seed: 1, epoch: 3, sample }),
    );
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    // Standard error of 4000 coin tosses: 0.008.
    expect(Math.abs(mean(draws.map(({ flip }) => Number(flip))) - 0.5)).toBeLessThan(0.03);
    const scales = draws.map(({ box }) => (box.width * box.height) / (500 * 375));
    expect(Math.min(...scales)).toBeGreaterThan(0.079);
    expect(Math.min(...scales)).toBeLessThan(0.09);
    expect(Math.max(...scales)).toBeGreaterThan(0.97);
    const ratios = draws.map(({ box }) => box.width / box.height);
    // Sides are rounded to pixels: half a pixel of the shortest side, 90, is 0.6%.
    expect(Math.min(...ratios)).toBeGreaterThan(0.75 * 0.99);
    expect(Math.max(...ratios)).toBeLessThan((4 / 3) * 1.01);
    // No box is preferred to one side: its centre lies in the middle on average (standard error 0.002 to 0.003).
    expect(
      Math.abs(mean(draws.map(({ box }) => (box.left + box.width / 2) / 500)) - 0.5),
    ).toBeLessThan(0.012);
    expect(
      Math.abs(mean(draws.map(({ box }) => (box.top + box.height / 2) / 375)) - 0.5),
    ).toBeLessThan(0.012);
  });

  it("differs between epochs, samples and seeds, and not otherwise", () => {
    const of = (seed: number, epoch: number, sample: number) =>
      JSON.stringify(augmentation(500, 375, { seed, epoch, sample }));
    expect(new Set([of(1, 0, 0), of(1, 0, 1), of(1, 1, 0), of(2, 0, 0), of(0, 1, 0)]).size).toBe(5);
    expect(of(4, 5, 6)).toBe(of(4, 5, 6));
  });
});

/** Rows of RGB pixels from right to left. */
function mirrored(data: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const pixel = i / 3;
    const x = pixel % width;
    result.set(data.subarray(i, i + 3), (pixel - x + (width - 1 - x)) * 3);
  }
  return result;
}
