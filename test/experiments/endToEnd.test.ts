import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoModelFolder } from "../../src/demo/demoModel";
import { drawTask, type TaskFolders } from "../../src/demo/task";
import { readRecord } from "../../src/experiments/record";
import type { ExperimentRecord } from "../../src/protocol/experimentRecord";
import { glad } from "../support/glad";
import { writePictures } from "../support/tinyRun";

/**
 * Whole experiments on the demo's drawn world through the command line and the local executor: the table against one
 * that is computed here from the raw predictions, by other code.
 */
let folder: string;
let world: TaskFolders;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  world = await drawTask(join(folder, "world"), 2, () => undefined);
  await writePictures(join(folder, "balls"), 2);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an experiment file of all four methods; gives its path. */
function experiment(name: string, content: object): string {
  const file = join(folder, `${name}.experiment.json`);
  const settings = {
    name,
    shots: [2],
    config: {
      model: demoModelFolder(),
      training: { steps: 2, batchSize: 8 },
      optimizer: { learningRate: 0.02 },
      device: "cpu",
      threads: 1,
    },
    executor: { kind: "local", parallel: 2 },
    ...content,
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

function recordOf(name: string): ExperimentRecord {
  return readRecord(join(folder, ".glad/experiments", name, "experiment.json"))!;
}

/** Accuracy in percent of a run on a split, from its raw predictions. */
function accuracyOf(run: string, file: string): number {
  const lines = readFileSync(join(folder, ".glad/runs", run, "predictions", file), "utf8");
  const hits = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { label: number; top: { label: number }[] })
    .map(({ label, top }) => (top[0]!.label === label ? 100 : 0) as number);
  return average(hits);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const squares = average(values.map((value) => value * value));
  return Math.sqrt(Math.max(0, squares - average(values) ** 2));
}

const harmonic = (base: number, novel: number) =>
  base + novel === 0 ? 0 : 2 / (1 / base + 1 / novel);

/** Accuracies of a method's runs on a data set, one for each seed. */
function perSeed(name: string, method: string, dataset: string, split: string): number[] {
  return recordOf(name)
    .cells.filter((cell) => cell.method === method && cell.dataset === dataset)
    .map((cell) =>
      accuracyOf(cell.run!, `${method === "Zero-shot" ? "zero-shot" : "adapted"}-${split}.jsonl`),
    );
}

/** Numbers of the printed CSV: mean and deviation by "section|method|column". */
async function printedTable(file: string): Promise<Map<string, [number, number | null]>> {
  const { stdout, code } = await glad(folder, "experiment", "table", file, "--format", "csv");
  expect(code).toBe(0);
  const rows = stdout.trim().split("\r\n").slice(1);
  return new Map(
    rows.map((row) => {
      const [section, method, , column, mean, deviation] = row.split(",");
      const numbers = [Number(mean), deviation === "" ? null : Number(deviation)];
      return [`${section}|${method}|${column}`, numbers as [number, number | null]];
    }),
  );
}

const methods = ["Zero-shot", "LoRA", "SAM", "GLAD"];

/** That a printed value is the mean of numbers, one for each seed, and their deviation. */
function expectValue(printed: [number, number | null] | undefined, seeds: number[], mean?: number) {
  expect(printed![0]).toBeCloseTo(mean ?? average(seeds), 9);
  if (seeds.length === 1) expect(printed![1]).toBeNull();
  // The test's formula loses half of the digits where the deviation is small.
  else expect(printed![1]).toBeCloseTo(deviation(seeds), 5);
}

describe("experiments on the drawn world", { timeout: 120_000 }, () => {
  test("base-to-novel on two data sets", async () => {
    const file = experiment("halves", {
      protocol: "base-to-novel",
      datasets: [{ root: world.photos }, { root: world.drawings }],
    });
    const { code, stderr } = await glad(folder, "experiment", "run", file);
    expect(stderr).toContain("20 runs made");
    expect(code).toBe(0);
    const printed = await printedTable(file);
    for (const method of methods) {
      const seeds = (dataset: string) =>
        ["base", "novel"].map((split) => perSeed("halves", method, dataset, split));
      const sets = ["photos", "drawings"].map(seeds);
      expect(sets.flat().map((values) => values.length)).toEqual(
        Array(4).fill(method === "Zero-shot" ? 1 : 3),
      );
      ["photos", "drawings"].forEach((dataset, i) => {
        const [base, novel] = sets[i] as [number[], number[]];
        const at = (column: string) => printed.get(`${dataset}|${method}|${column}`);
        expectValue(at("Base"), base);
        expectValue(at("Novel"), novel);
        const each = base.map((value, seed) => harmonic(value, novel[seed]!));
        expectValue(at("H"), each, harmonic(average(base), average(novel)));
      });
      const [photos, drawings] = sets as [[number[], number[]], [number[], number[]]];
      const both = ([0, 1] as const).map((half) =>
        photos[half].map((value, seed) => (value + drawings[half][seed]!) / 2),
      ) as [number[], number[]];
      const at = (column: string) => printed.get(`Average of 2 data sets|${method}|${column}`);
      expectValue(at("Base"), both[0]);
      expectValue(at("Novel"), both[1]);
      const each = both[0].map((value, seed) => harmonic(value, both[1][seed]!));
      expectValue(at("H"), each, harmonic(average(both[0]), average(both[1])));
    }
    // The methods are told apart: they do not end with the same adapters.
    const adapters = recordOf("halves")
      .cells.filter(({ seed, dataset }) => seed === 1 && dataset === "photos")
      .map(({ run }) =>
        readFileSync(
          join(folder, ".glad/runs", run!, "checkpoints/step-000002/adapter_model.safetensors"),
        ).toString("base64"),
      );
    expect(new Set(adapters).size).toBe(3);
  });

  test("domain shift, first with one seed, then with all three: nothing is done twice", async () => {
    const content = {
      protocol: "domain-generalization",
      source: { root: world.photos },
      targets: [{ root: world.drawings, template: "a drawing of a {}." }],
    };
    const first = experiment("shift", { ...content, seeds: [2] });
    expect((await glad(folder, "experiment", "run", first)).stderr).toContain("4 runs made");
    const before = recordOf("shift").cells.map(({ run }) => run!);
    const events = (run: string) => readFileSync(join(folder, ".glad/runs", run, "events.jsonl"));
    const written = before.map(events);
    const file = experiment("shift", content);
    const { code, stderr } = await glad(folder, "experiment", "run", file);
    expect(code).toBe(0);
    expect(stderr).toContain("6 runs made");
    expect(stderr).toContain("10 runs: 6 handed in, 4 finished before");
    expect(before.map(events)).toEqual(written);
    const again = await glad(folder, "experiment", "run", file);
    expect(again.stderr).toBe("shift: 10 runs: 10 finished before\n");
    expectTransfer("shift", ["drawings"], await printedTable(file));
    const status = await glad(folder, "experiment", "status", file);
    expect(status.stdout.split("\n")).toContain("photos    GLAD       3 of 3      100%");
  });

  test("cross-dataset with two targets", async () => {
    const file = experiment("cross", {
      protocol: "cross-dataset",
      source: { root: world.photos },
      targets: [{ root: world.drawings }, { root: "balls" }],
    });
    expect((await glad(folder, "experiment", "run", file)).code).toBe(0);
    expectTransfer("cross", ["drawings", "balls"], await printedTable(file));
    // Targets are whole: all 24 classes of the drawings, one picture each, and the four of the other folder.
    const [run] = recordOf("cross").cells.map((cell) => cell.run!);
    const lines = (split: string) =>
      readFileSync(join(folder, ".glad/runs", run!, `predictions/zero-shot-${split}.jsonl`), "utf8")
        .trim()
        .split("\n").length;
    expect(["all", "target-drawings", "target-balls"].map(lines)).toEqual([48, 24, 4]);
    expect(readdirSync(join(folder, ".glad/experiments")).sort()).toContain("cross");
  });
});

function expectTransfer(
  name: string,
  targets: string[],
  printed: Map<string, [number, number | null]>,
): void {
  for (const method of methods) {
    const at = (column: string) => printed.get(`Trained on photos|${method}|${column}`);
    expectValue(at("photos"), perSeed(name, method, "photos", "all"));
    const each = targets.map((target) => perSeed(name, method, "photos", `target-${target}`));
    targets.forEach((target, i) => expectValue(at(target), each[i]!));
    // The source is no part of the average.
    const seeds = each[0]!.map((_, seed) => average(each.map((values) => values[seed]!)));
    expectValue(at("Average"), seeds);
  }
}
