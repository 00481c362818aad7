import { describe, expect, it } from "vitest";
import { halfLabels, takeHalf } from "../../src/data/baseNovel";
import { requireShots, sampleFewShot } from "../../src/data/fewShot";
import type { DataSplit, Sample } from "../../src/data/types";

const samples = (label: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, i) => ({ path: `${label}/${i}.jpg`, label }));
const split = (...counts: number[]): DataSplit => ({
  imageRoot: "/images",
  classNames: counts.map((_, label) => `class ${label}`),
  sourceNames: counts.map((_, label) => `class_${label}`),
  train: counts.flatMap((count, label) => samples(label, count)),
  val: counts.flatMap((_, label) => samples(label, 6)),
  test: counts.flatMap((_, label) => samples(label, 2)),
});

describe("few-shot sampling", () => {
  // The indices are the design's chain test: two classes of 60 and 24 images, CPython 3.11.7.
  const chain: DataSplit = {
    ...split(60, 60),
    val: [...samples(0, 24), ...samples(1, 24)],
  };
  const indices = (list: Sample[], label: number) =>
    list
      .filter((sample) => sample.label === label)
      .map(({ path }) => Number(/\d+(?=\.)/.exec(path)));

  it("draws training images first in CoOp's order, validation first in CLIP-LoRA's", () => {
    const coop = sampleFewShot(chain, { shots: 16, seed: 1, order: "coop" });
    expect(indices(coop.val, 0)).toEqual([3, 10, 0, 20]);
    expect(indices(coop.val, 1)).toEqual([17, 0, 12, 21]);
    const clipLora = sampleFewShot(chain, { shots: 16, seed: 1, order: "clip-lora" });
    expect(indices(clipLora.train, 0)).toEqual([
      24, 50, 13, 6, 31, 1, 53, 59, 27, 38, 48, 0, 44, 28, 17, 14,
    ]);
  });

  it("takes classes in the order of their first image", () => {
    const mixed = { train: [...samples(2, 1), ...samples(0, 1), ...samples(1, 1)], val: [] };
    const { train } = sampleFewShot(mixed, { shots: 1, seed: 1, order: "coop" });
    expect(train.map(({ label }) => label)).toEqual([2, 0, 1]);
  });

  it("takes all of a small class as CoOp does, fills it as CLIP-LoRA does", () => {
    const few = split(3, 20);
    const coop = sampleFewShot(few, { shots: 8, seed: 1, order: "coop" });
    expect(indices(coop.train, 0)).toEqual([0, 1, 2]);
    const clipLora = sampleFewShot(few, { shots: 8, seed: 1, order: "clip-lora" });
    expect(indices(clipLora.train, 0)).toHaveLength(8);
  });

  it("takes everything where the shots are null", () => {
    const all = sampleFewShot(split(3, 5), { shots: null, seed: 1, order: "coop" });
    expect(all.train).toHaveLength(8);
    expect(all.val).toHaveLength(12);
  });

  it("refuses more shots than a class has", () => {
    expect(() => requireShots(split(3, 2, 9), [0, 1, 2], 3)).toThrow(
      'data.shots: class "class_1" has only 2 of the 3 training images asked for; set it to at most 2, or to null for all images',
    );
    expect(() => requireShots(split(3, 2, 9), [0, 1, 2], 4)).toThrow(
      "asked for, and 1 other class too few as well; set",
    );
    // A class that is not trained may have too few.
    requireShots(split(3, 2, 9), [0, 2], 3);
    requireShots(split(3, 2, 9), [0, 1, 2], null);
  });
});

describe("base and novel halves", () => {
  it("gives the middle class of an odd number to the base", () => {
    expect(halfLabels(5, "base")).toEqual([0, 1, 2]);
    expect(halfLabels(5, "novel")).toEqual([3, 4]);
    expect(halfLabels(100, "novel")[0]).toBe(50);
  });

  it("relabels all lists from 0 and keeps both names", () => {
    const novel = takeHalf(split(1, 1, 2), "novel");
    expect(novel.classNames).toEqual(["class 2"]);
    expect(novel.sourceNames).toEqual(["class_2"]);
    expect(novel.train).toEqual([
      { path: "2/0.jpg", label: 0 },
      { path: "2/1.jpg", label: 0 },
    ]);
    expect([novel.val.length, novel.test.length]).toEqual([6, 2]);
  });

  it("needs a class on each side", () => {
    expect(() => takeHalf(split(4), "novel")).toThrow(
      "protocol: base-to-novel leaves no class in the novel half of 1; at least two classes are needed",
    );
  });
});
