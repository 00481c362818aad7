import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { caltech101 } from "../../src/data/sets/caltech101";
import { collectResults } from "../../src/experiments/collect";
import { readRecord } from "../../src/experiments/record";
import { glad } from "../support/glad";
import { sharedData } from "../support/sharedData";
import { temporaryFolder } from "../support/temporaryFolder";
import { writeTinyClip } from "../support/tinyClip";

const root = sharedData("caltech-101", "experiments on the real Caltech-101");

test.skipIf(root === null)(
  "base-to-novel on the real Caltech-101 measures as many images as are published",
  async () => {
    const folder = temporaryFolder();
    // The text tower must hold the longest class name, spelt in bytes.
    await writeTinyClip(join(folder, "clip"), { text: { contextLength: 48 } });
    const file = join(folder, "real.experiment.json");
    const experiment = {
      name: "real",
      protocol: "base-to-novel",
      datasets: [{ dataset: "caltech101", root }],
      shots: [1],
      seeds: [1],
      methods: ["zero-shot", "glad"],
      config: {
        model: "clip",
        training: { steps: 2, batchSize: 4 },
        evaluation: { pixelCacheMiB: 64 },
        device: "cpu",
      },
      executor: { kind: "local", parallel: 1 },
    };
    writeFileSync(file, JSON.stringify(experiment));
    const { code, stdout } = await glad(folder, "experiment", "run", file);
    expect(code).toBe(0);

    const record = readRecord(join(folder, ".glad/experiments/real/experiment.json"))!;
    for (const { splits } of collectResults(record)) {
      expect(splits).toMatchObject({ base: { total: 1549 }, novel: { total: 916 } });
      expect(splits!.base!.total + splits!.novel!.total).toBe(caltech101.published.test);
    }
    // 100 classes in two halves; all names are told apart in each.
    const split = readFileSync(join(record.runs, record.cells[1]!.run!, "split.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { split: string; name: string });
    for (const half of ["base", "novel"])
      expect(
        new Set(split.filter((line) => line.split === half).map(({ name }) => name)).size,
      ).toBe(50);
    // The second run found the first one's test images in the cache; validation images are few.
    const kept = readdirSync(join(folder, ".glad/cache/pixels/24-24")).length;
    expect(kept - caltech101.published.test).toBeGreaterThanOrEqual(0);
    expect(kept - caltech101.published.test).toBeLessThanOrEqual(50);
    expect(stdout).toContain("MaPLe [2]      97.74  94.36  96.02");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      `warning: Published numbers are with OpenAI's CLIP ViT-B/16, here ${join(folder, "clip")}`,
    );
  },
  120_000,
);
