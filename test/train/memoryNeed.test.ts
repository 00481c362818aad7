import { expect, test } from "vitest";
import { clipTensorShapes } from "../../src/models/clipNames";
import { memoryNeed } from "../../src/train/memoryNeed";
import { vitB16 } from "../support/vitB16";

const parameters = [...clipTensorShapes(vitB16)].reduce(
  (sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1),
  0,
);

const passes = {
  microBatchSize: 2,
  classChunkSize: 50,
  keptTextBytes: null,
  wholeStep: false,
  separatePhases: false,
  packImage: true,
  packText: true,
};
const run = {
  parameters,
  classes: 50,
  promptTokens: 5,
  trainImages: 0,
  cacheMiB: 512,
  precision: "float32",
} as const;

// Peaks of measured steps, in MiB (bench/RESULTS.md).
test.each([
  [50, 50, 0, 1617],
  [143, 1000, 512, 2421],
  [112, 1000, 640, 2460],
])("%d of %d classes a pass take what was measured", (chunk, classes, keptMiB, measured) => {
  const sizes = { ...passes, classChunkSize: chunk, keptTextBytes: keptMiB * 2 ** 20 };
  const estimate = memoryNeed(vitB16, sizes, { ...run, classes }).total / 2 ** 20;
  expect(Math.abs(estimate / measured - 1)).toBeLessThan(0.05);
});

test("decoded images are kept up to the cache's size", () => {
  const images = (trainImages: number): number =>
    memoryNeed(vitB16, passes, { ...run, trainImages }).images / 2 ** 20;
  expect(images(95)).toBeCloseTo(51.2);
  expect(images(100_000)).toBe(512);
});
