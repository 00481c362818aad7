import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { glad } from "../support/glad";
import { writeMiniature } from "../support/miniatures";
import { writeTinyClip } from "../support/tinyClip";

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  await writeTinyClip(join(folder, "clip"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a table says which data sets have classes that are not named as published", async () => {
  const sets = ["eurosat", "dtd"];
  for (const name of sets) writeMiniature(folder, name);
  const split = join(folder, "eurosat/split_zhou_EuroSAT.json");
  writeFileSync(split, readFileSync(split, "utf8").replaceAll("Annual Crop Land", "AnnualCrop"));
  const file = join(folder, "names.experiment.json");
  const content = {
    ...{ name: "names", protocol: "few-shot", root: ".", datasets: sets, shots: [1], seeds: [1] },
    ...{ methods: ["zero-shot"], config: { model: "clip", device: "cpu" } },
  };
  writeFileSync(file, JSON.stringify(content));
  const made = await glad(folder, "experiment", "run", file);
  expect(made.stderr).toContain("2 runs made");
  const sentence = /Not all classes are named as published: EuroSAT 1 of 10\./;
  expect(made.stdout).toMatch(sentence);
  // It is known later, too, when nothing is read for it.
  expect((await glad(folder, "experiment", "run", file)).stdout).toMatch(sentence);
  expect((await glad(folder, "experiment", "table", file)).stdout).toMatch(sentence);
});
