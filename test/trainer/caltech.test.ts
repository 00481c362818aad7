import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import type { RunResult } from "../../src/train/result";
import { sharedData } from "../support/sharedData";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyRun } from "../support/tinyRun";

const caltech = sharedData("caltech-101", "training on the real Caltech-101");

test.skipIf(caltech === null)(
  "base-to-novel on the real Caltech-101, from its files to result.json",
  async () => {
    const { paths } = await tinyRun(temporaryFolder(), {
      data: { root: caltech!, dataset: "caltech101", shots: 2 },
      protocol: "base-to-novel",
      training: { steps: 4, batchSize: 16 },
      evaluation: { zeroShot: false, perClass: true },
      checkpoints: { every: 2 },
    });
    const { code, output } = await startTrainer(paths.folder).ended;
    expect(output).toBe("");
    expect(code).toBe(0);
    const losses = readEvents(paths.events).flatMap((event) =>
      event.type === "step" ? [event.loss] : [],
    );
    expect(losses).toHaveLength(4);
    expect(losses.every((loss) => loss > 0 && Number.isFinite(loss))).toBe(true);
    const { adapted, harmonicMean } = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
    const totals = Object.fromEntries(
      adapted.map(({ split, total, perClass }) => [split, [total, perClass!.length]]),
    );
    // 2,465 test images in all, 50 classes in each half; two validation images of each base class.
    expect(totals).toEqual({ base: [1549, 50], novel: [916, 50], val: [100, 50] });
    for (const { perClass, total, correct } of adapted) {
      expect(perClass!.reduce((sum, one) => sum + one.total, 0)).toBe(total);
      expect(perClass!.reduce((sum, one) => sum + one.correct, 0)).toBe(correct);
    }
    const [base, novel] = adapted.map(({ correct, total }) => (100 * correct) / total) as [
      number,
      number,
    ];
    expect(harmonicMean.adapted).toBeCloseTo(
      base + novel === 0 ? 0 : (2 * base * novel) / (base + novel),
      10,
    );
  },
);
