import { expect, test } from "vitest";
import { activationBytes, packedBytes, passSizes } from "../../src/train/passSizes";
import { vitB16 as clip } from "../support/vitB16";

const auto = { microBatchSize: null, classChunkSize: null };
const run = {
  batchSize: 32,
  classes: 1000,
  promptTokens: 5,
  memoryBytes: 2.5 * 2 ** 30,
  cpu: true,
};

test("automatic sizes of ViT-B/16 are those measured to be fastest on a CPU", () => {
  expect(activationBytes(clip.vision, 197) / 1e6).toBeCloseTo(164.25, 1);
  expect(passSizes(clip, auto, run)).toEqual({
    microBatchSize: 2,
    classChunkSize: 91,
    keptTextBytes: 2 ** 27,
    packImage: true,
    packText: true,
  });
});

test("weights are packed only where there is room for them", () => {
  expect(packedBytes(clip.vision) / 1e6).toBeCloseTo(679.5, 1);
  const packed = (gib: number): boolean[] => {
    const sizes = passSizes(clip, auto, { ...run, memoryBytes: gib * 2 ** 30 });
    return [sizes.packImage, sizes.packText];
  };
  expect([1.5, 2, 2.5].map(packed)).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
});

test("a GPU takes what the budget holds, a small budget still one image and one class", () => {
  expect(passSizes(clip, auto, { ...run, cpu: false })).toEqual({
    microBatchSize: 8,
    classChunkSize: 250,
    keptTextBytes: null,
    packImage: false,
    packText: false,
  });
  expect(passSizes(clip, auto, { ...run, memoryBytes: 1e6 })).toMatchObject({
    microBatchSize: 1,
    classChunkSize: 1,
  });
});

test("pieces are equal and never larger than the batch", () => {
  expect(passSizes(clip, auto, { ...run, batchSize: 5 }).microBatchSize).toBe(2);
  expect(
    passSizes(clip, { microBatchSize: 64, classChunkSize: 7 }, { ...run, classes: 3 }),
  ).toMatchObject({
    microBatchSize: 32,
    classChunkSize: 3,
  });
});
