import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeHalf } from "../../src/data/baseNovel";
import { sampleFewShot, type SamplingOrder } from "../../src/data/fewShot";
import { openData } from "../../src/data/openData";
import { readData } from "../../src/data/readData";
import type { DataSplit, Sample } from "../../src/data/types";
import { configSchema } from "../../src/protocol/config";
import { sharedData } from "../support/sharedData";

type Part = "train" | "val" | "test";
type Hashes = Partial<Record<Part, string>>;
interface Case {
  order: SamplingOrder;
  seed: number;
  shots: number;
  all: Hashes;
  base: Hashes;
  novel: Hashes;
}

const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/fewShot.json"), "utf8"),
) as { cases: Case[] };
const root = sharedData("caltech-101", "few-shot lists of Caltech-101 against CPython");

describe.runIf(root)("few-shot lists of Caltech-101 against CPython", () => {
  let whole: DataSplit | undefined;
  const split = () => (whole ??= readData({ root: root!, dataset: "caltech101" }).value);

  const hash = (samples: Sample[], names: string[]) => {
    const lines = samples.map(({ path, label }) => `${path}\t${label}\t${names[label]!}\n`);
    return createHash("sha256").update(lines.join("")).digest("hex");
  };
  const hashes = (data: DataSplit, expected: Hashes) =>
    Object.fromEntries(
      (Object.keys(expected) as Part[]).map((part) => [part, hash(data[part], data.sourceNames)]),
    );

  it.each(cases)("$order, seed $seed, $shots shots", (expected) => {
    const sampled = { ...split(), ...sampleFewShot(split(), expected) };
    expect(hashes(sampled, expected.all)).toEqual(expected.all);
    for (const half of ["base", "novel"] as const) {
      expect(hashes(takeHalf(sampled, half), expected[half])).toEqual(expected[half]);
    }
  });

  it("reads the published counts", () => {
    const { classNames, train, val, test } = split();
    expect([classNames.length, train.length, val.length, test.length]).toEqual([
      100, 4128, 1649, 2465,
    ]);
    expect(classNames.slice(0, 5)).toEqual([
      "face",
      "leopard",
      "motorbike",
      "accordion",
      "airplane",
    ]);
    expect(classNames).toContain("car side");
    expect(split().sourceNames).toContain("car_side");
  });

  it("opens as a run, in halves, with no more shots than every class has", () => {
    const open = (shots: number) => {
      const { data } = configSchema.parse({ data: { root: root!, dataset: "caltech101", shots } });
      return openData(data, "base-to-novel", 1);
    };
    const opened = open(16);
    expect(opened.train).toHaveLength(800);
    expect(opened.evaluations.map(({ split, classNames }) => [split, classNames.length])).toEqual([
      ["base", 50],
      ["novel", 50],
      ["val", 50],
    ]);
    const [base, novel] = opened.evaluations;
    expect(base!.samples.length + novel!.samples.length).toBe(2465);
    expect(() => open(17)).toThrow(/^data\.shots: class "binocular" has only 16 of the 17 /);
  });
});
