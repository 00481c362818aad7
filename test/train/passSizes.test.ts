import { expect, test } from "vitest";
import { activationBytes, packedBytes, passSizes } from "../../src/train/passSizes";
import { vitB16 as clip } from "../support/vitB16";

const auto = { microBatchSize: null, classChunkSize: null };
const run = {
  batchSize: 32,
  classes: 1000,
  promptTokens: 5,
  memoryBytes: 2.5 * 2 ** 30,
  precision: "float32",
  cpu: true,
} as const;

test("automatic sizes of ViT-B/16 are those measured to be fastest on a CPU", () => {
  expect(activationBytes(clip.vision, 197) / 1e6).toBeCloseTo(164.25, 1);
  expect(passSizes(clip, auto, run)).toEqual({
    microBatchSize: 2,
    classChunkSize: 91,
    keptTextBytes: 5 * 2 ** 27,
    wholeStep: false,
    separatePhases: true,
    packImage: true,
    packText: true,
  });
});

test("sessions of small models stay beside each other", () => {
  const narrow = { hiddenSize: 64, intermediateSize: 256 };
  const tiny = {
    ...clip,
    vision: { ...clip.vision, ...narrow },
    text: { ...clip.text, ...narrow },
  };
  expect(passSizes(tiny, auto, run).separatePhases).toBe(false);
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
    wholeStep: false,
    separatePhases: false,
    packImage: false,
    packText: false,
  });
  expect(passSizes(clip, auto, { ...run, memoryBytes: 1e6 })).toMatchObject({
    microBatchSize: 1,
    classChunkSize: 1,
  });
});

test("a GPU that holds a whole batch and all classes takes them in one graph", () => {
  const gpu = { ...run, cpu: false };
  const whole = { microBatchSize: 32, classChunkSize: 1000, wholeStep: true };
  // 32 x 164 MB and 1,000 x 2.1 MB, and a quarter of the memory left.
  expect(passSizes(clip, auto, { ...gpu, memoryBytes: 9.5 * 2 ** 30 })).toMatchObject(whole);
  expect(passSizes(clip, auto, { ...gpu, memoryBytes: 9 * 2 ** 30 }).wholeStep).toBe(false);
  // float16 halves what is held.
  const half = { ...gpu, precision: "float16", memoryBytes: 4.75 * 2 ** 30 } as const;
  expect(passSizes(clip, auto, half)).toMatchObject(whole);
  // Smaller passes that were asked for stay passes.
  for (const wanted of [{ microBatchSize: 16 }, { classChunkSize: 100 }])
    expect(
      passSizes(clip, { ...auto, ...wanted }, { ...gpu, memoryBytes: 64 * 2 ** 30 }),
    ).toMatchObject({ ...wanted, wholeStep: false });
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

test("a grid as long as the longest prompt takes memory, of which passes are made smaller", () => {
  const even = passSizes(clip, auto, run);
  expect(passSizes(clip, auto, { ...run, longestPrompt: 5 })).toEqual(even);
  const uneven = passSizes(clip, auto, { ...run, longestPrompt: 20 });
  expect(uneven.classChunkSize).toBeLessThan(even.classChunkSize);
  const bytes = activationBytes(clip.text, 5, 20) / activationBytes(clip.text, 5);
  // Queries, keys, values and their result for 15 more cells a class; measured on the graph: 1.3 to 1.75.
  expect(bytes).toBeGreaterThan(1.3);
  expect(bytes).toBeLessThan(1.8);
});
