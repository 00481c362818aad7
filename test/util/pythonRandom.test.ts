import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PythonRandom } from "../../src/util/pythonRandom";

interface Draws {
  seed: string;
  words: number[];
  bits: number[];
  below: number[];
  random: number[];
  samples: [number, number, number[]][];
  choices: [number, number[]][];
  shuffles: number[][];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/pythonRandom.json"), "utf8"),
) as { bounds: number[]; draws: Draws[] };

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const times = <T>(n: number, draw: () => T) => range(n).map(draw);

describe("against CPython's random", () => {
  it.each(golden.draws)("draws the same from seed $seed", (expected) => {
    const random = new PythonRandom(BigInt(expected.seed));
    expect(times(1300, () => random.getRandomBits(32)).slice(-4)).toEqual(expected.words);
    expect(range(33).map((k) => random.getRandomBits(k))).toEqual(expected.bits);
    expect(golden.bounds.map((n) => random.below(n))).toEqual(expected.below);
    expect(times(4, () => random.random())).toEqual(expected.random);
    const choices = new Map(expected.choices);
    expected.samples.forEach(([n, k, items], index) => {
      expect([n, k, random.sample(range(n), k)]).toEqual([n, k, items]);
      // The script draws `choices` once after the last sample of each population.
      if (expected.samples[index + 1]?.[0] !== n) {
        expect([n, random.choices(range(n), 5)]).toEqual([n, choices.get(n)]);
      }
    });
    for (const items of expected.shuffles) {
      const shuffled = range(items.length);
      random.shuffle(shuffled);
      expect(shuffled).toEqual(items);
    }
  });

  it("takes a number as it takes the same bigint", () => {
    const seed = Number.MAX_SAFE_INTEGER;
    expect(new PythonRandom(seed).random()).toBe(new PythonRandom(BigInt(seed)).random());
  });
});

// Computed with CPython 3.11.7 when the design was written, independently of pythonRandom.py.
const design = [
  {
    seed: 1,
    words: [577090037, 2444712010, 3639700191, 3445702192],
    pool: [8, 36, 54, 51, 48, 4, 16, 7, 31, 55, 28, 30, 41, 24, 13, 6],
    set: [275, 1165, 129, 522, 241, 1014, 920, 967, 777, 429, 192, 999, 58, 798, 886, 1244],
    small: [4, 18, 2, 8, 3, 15, 14, 19],
    random: 0.13436424411240122,
    shuffle: [6, 8, 9, 7, 5, 3, 0, 4, 1, 2],
    choices: [0, 5, 5, 1, 3],
    chain: [
      [3, 10, 0, 20],
      [17, 0, 12, 21],
    ],
    clipLora: [24, 50, 13, 6, 31, 1, 53, 59, 27, 38, 48, 0, 44, 28, 17, 14],
  },
  {
    seed: 2,
    words: [4106135923, 3707026329, 4070888059, 3646664648],
    pool: [55, 54, 3, 5, 56, 23, 53, 10, 47, 42, 19, 16, 38, 13, 51, 2],
    set: [115, 187, 173, 739, 346, 631, 515, 1240, 434, 1242, 73, 1190, 324, 882, 805, 1042],
    small: [1, 2, 11, 5, 9, 8, 6, 1],
    random: 0.9560342718892494,
    shuffle: [5, 9, 3, 4, 6, 7, 2, 8, 1, 0],
    choices: [6, 6, 0, 0, 5],
    chain: [
      [11, 14, 10, 12],
      [13, 16, 5, 17],
    ],
    clipLora: [38, 13, 59, 2, 37, 43, 10, 27, 40, 25, 46, 32, 23, 34, 28, 48],
  },
  {
    seed: 3,
    words: [1022050301, 2545373330, 2337446730, 560161641],
    pool: [15, 37, 34, 8, 23, 38, 30, 40, 58, 4, 54, 0, 53, 16, 35, 14],
    set: [487, 1213, 1114, 267, 757, 1236, 970, 1281, 1189, 134, 1240, 26, 960, 531, 1128, 479],
    small: [7, 18, 17, 4, 11, 19, 15, 2],
    random: 0.23796462709189137,
    shuffle: [1, 5, 6, 0, 9, 4, 7, 2, 8, 3],
    choices: [1, 3, 2, 4, 4],
    chain: [
      [21, 2, 5, 18],
      [1, 9, 0, 8],
    ],
    clipLora: [37, 4, 38, 0, 53, 30, 16, 35, 14, 12, 45, 54, 34, 52, 48, 25],
  },
];

describe.each(design)("the design's vectors for seed $seed", (expected) => {
  const fresh = () => new PythonRandom(expected.seed);

  it("draws single values", () => {
    const random = fresh();
    expect(times(4, () => random.getRandomBits(32))).toEqual(expected.words);
    expect(fresh().random()).toBe(expected.random);
    expect(fresh().choices(range(7), 5)).toEqual(expected.choices);
    const items = range(10);
    fresh().shuffle(items);
    expect(items).toEqual(expected.shuffle);
  });

  it("samples by pool and by set", () => {
    expect(fresh().sample(range(60), 16)).toEqual(expected.pool);
    expect(fresh().sample(range(1300), 16)).toEqual(expected.set);
    const random = fresh();
    expect([...random.sample(range(24), 4), ...random.sample(range(21), 4)]).toEqual(
      expected.small,
    );
  });

  it("continues over classes in both orders", () => {
    const coop = fresh();
    times(2, () => coop.sample(range(60), 16));
    expect(times(2, () => coop.sample(range(24), 4))).toEqual(expected.chain);
    const clipLora = fresh();
    times(2, () => clipLora.sample(range(24), 4));
    expect(clipLora.sample(range(60), 16)).toEqual(expected.clipLora);
  });
});

describe("what cannot be drawn", () => {
  const random = new PythonRandom(1);
  it.each([
    ["a negative seed", () => new PythonRandom(-1)],
    ["a seed that is no integer", () => new PythonRandom(1.5)],
    ["33 bits", () => random.getRandomBits(33)],
    ["an integer below 0", () => random.below(0)],
    ["more than there are", () => random.sample([1, 2], 3)],
    ["a choice of nothing", () => random.choices([], 1)],
  ])("refuses %s", (_, draw) => {
    expect(draw).toThrow(/^internal: random /);
  });
});
