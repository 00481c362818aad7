import { expect, test } from "vitest";
import { clipTensorShapes } from "../../src/models/clipNames";
import { memoryNeed } from "../../src/train/memoryNeed";
import { vitB16 } from "../support/vitB16";

const parameters = [...clipTensorShapes(vitB16)].reduce(
  (sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1),
  0,
);

// Peaks of bench/RESULTS.md, in MiB.
test.each([
  [4, 50, 1623],
  [4, 100, 1726],
  [2, 50, 1276],
  [2, 143, 1561],
])("%d images and %d classes a pass take what was measured", (images, classes, measured) => {
  const need = memoryNeed(
    vitB16,
    { microBatchSize: images, classChunkSize: classes },
    { parameters, promptTokens: 5, trainImages: 0, cacheMiB: 512, precision: "float32" },
  );
  const estimate = need.total / 2 ** 20;
  expect(Math.abs(estimate / measured - 1)).toBeLessThan(0.05);
});

test("decoded images are kept up to the cache's size", () => {
  const images = (trainImages: number): number =>
    memoryNeed(
      vitB16,
      { microBatchSize: 2, classChunkSize: 50 },
      { parameters, promptTokens: 5, trainImages, cacheMiB: 512, precision: "float32" },
    ).images /
    2 ** 20;
  expect(images(95)).toBeCloseTo(51.2);
  expect(images(100_000)).toBe(512);
});
