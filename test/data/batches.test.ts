import { describe, expect, it } from "vitest";
import { batchAt, stepsPerEpoch } from "../../src/data/batches";

const options = { count: 103, batchSize: 32, seed: 5 };
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);
const epochOf = (epoch: number, seed = 5) =>
  [0, 1, 2, 3].map((k) => batchAt({ ...options, seed, step: epoch * 4 + k }));

describe("batchAt", () => {
  it("takes every image once per epoch and keeps the short last batch", () => {
    expect(stepsPerEpoch(options)).toBe(4);
    for (const epoch of [0, 1, 17]) {
      const batches = epochOf(epoch);
      expect(batches.map((batch) => batch.epoch)).toEqual([epoch, epoch, epoch, epoch]);
      expect(batches.map(({ indices }) => indices.length)).toEqual([32, 32, 32, 7]);
      const all = batches.flatMap(({ indices }) => [...indices]);
      expect(sorted(all)).toEqual([...Array(103).keys()]);
    }
  });

  it("is a function of seed and step, whatever was asked before", () => {
    const forward = [0, 1, 2, 3, 4, 5].map((step) => batchAt({ ...options, step }));
    const backward = [5, 4, 3, 2, 1, 0].map((step) => batchAt({ ...options, step })).toReversed();
    expect(backward).toEqual(forward);
    expect(epochOf(1)).not.toEqual(epochOf(0));
    expect(epochOf(0, 6)).not.toEqual(epochOf(0));
  });

  it("takes all images at once where there are fewer than a batch", () => {
    const { epoch, indices } = batchAt({ count: 3, batchSize: 32, seed: 1, step: 9 });
    expect(epoch).toBe(9);
    expect(sorted(indices)).toEqual([0, 1, 2]);
  });

  it("puts every image at every place equally often", () => {
    const counts = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
    const epochs = 5000;
    for (let epoch = 0; epoch < epochs; epoch++)
      batchAt({ count: 5, batchSize: 5, seed: 3, step: epoch }).indices.forEach((image, place) => {
        counts[place]![image]!++;
      });
    // Standard deviation of a count: sqrt(5000 * 0.2 * 0.8) = 28; five of them.
    for (const count of counts.flat()) expect(Math.abs(count - epochs / 5)).toBeLessThan(141);
  });

  it("gives the same order on every machine", () => {
    const { indices } = batchAt({ count: 10, batchSize: 10, seed: 1, step: 0 });
    expect([...indices]).toEqual([0, 2, 8, 6, 3, 9, 1, 5, 7, 4]);
  });
});
