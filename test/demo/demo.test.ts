import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { demoModelFolder } from "../../src/demo/demoModel";
import { trainRuns, type TrainingProgress } from "../../src/demo/trainRuns";
import { readFrozen } from "../../src/protocol/frozen";
import { checkpointSteps, type RunPaths, runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import type { RunResult } from "../../src/train/result";
import { glad, startGlad } from "../support/glad";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";
import { until } from "../support/until";

/** Each of them draws pictures and starts processes: seconds, but many times that beside other work. */
const patience = 120_000;

test("the demo's model takes at most 4 MB", () => {
  const files = readdirSync(demoModelFolder());
  const bytes = files.map((name) => statSync(join(demoModelFolder(), name)).size);
  expect(files.sort()).toEqual([
    "config.json",
    "model.safetensors",
    "preprocessor_config.json",
    "pretrain.log",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4e6);
});

/** The runs that are there already. */
function runsIn(folder: string): RunPaths[] {
  const runs = join(folder, ".glad/runs");
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .map((id) => runPaths(join(runs, id)))
    .filter(({ config }) => existsSync(config))
    .sort((a, b) => (readFrozen(a).name < readFrozen(b).name ? -1 : 1));
}

test(
  "a short demo makes ordinary runs of every method and prints what they found",
  async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await glad(
      folder,
      ...["demo", "--seeds", "1", "--steps", "3", "--tests", "5"],
    );
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const runs = runsIn(folder);
    expect(
      runs.map((paths) => `${readFrozen(paths).name} ${readFrozen(paths).glad.alpha}`),
    ).toEqual(["demo-glad-seed1 0.5", "demo-lora-seed1 0", "demo-sam-seed1 1"]);
    const results = runs.map(({ result }) => JSON.parse(readFileSync(result, "utf8")) as RunResult);
    for (const { zeroShot } of results)
      // Guessing would hit 5 of 60 and, of 24 classes, 3 of 72.
      expect(zeroShot.map(({ split, correct, total }) => `${split}: ${correct} of ${total}`))
        .toMatchInlineSnapshot(`
        [
          "base: 48 of 60",
          "novel: 45 of 60",
          "target:drawings: 42 of 72",
          "val: 34 of 48",
        ]
      `);
    for (const paths of runs) {
      expect(readStatus(paths)).toMatchObject({ state: "finished", step: 3 });
      expect(checkpointSteps(paths)).toEqual([3]);
    }
    const lines = stdout.split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    // Each once as it ends and once in the table.
    for (const [i, name] of ["GLAD", "plain LoRA", "SAM"].entries()) {
      const [base, novel] = results[i]!.adapted.map(({ accuracy }) => accuracy.toFixed(1));
      const rows = lines.filter((line) => line.startsWith(name));
      expect(rows.length).toBe(2);
      for (const row of rows) expect(row).toMatch(new RegExp(` ${base} +${novel} `));
    }
  },
  patience,
);

test(
  "a demo that is interrupted stops its runs, and they can be resumed",
  async () => {
    const folder = temporaryFolder();
    const demo = startGlad(folder, ["demo", "--seeds", "1", "--steps", "5000", "--tests", "1"]);
    await until(() => demo.stdout().includes("zero-shot CLIP"), "zero-shot accuracies");
    await until(
      () => runsIn(folder).some((paths) => (readStatus(paths)?.step ?? 0) > 0),
      "a first step",
    );
    demo.child.kill("SIGINT");
    expect((await demo.ended).code).toBe(130);
    const begun = runsIn(folder).filter((paths) => readStatus(paths)!.state !== "created");
    expect(begun.length).toBeGreaterThan(0);
    for (const paths of begun) {
      expect(readStatus(paths)!.state).toBe("stopped");
      expect(checkpointSteps(paths).length).toBe(1);
    }
  },
  patience,
);

test(
  "what is told of the runs ends with all of them finished",
  async () => {
    const { paths, config } = await tinyRun(temporaryFolder(), {
      training: { steps: 2, batchSize: 6 },
    });
    const told: TrainingProgress[] = [];
    await trainRuns([{ paths, steps: config.run.steps, passes: 2 }], 1, {
      progress: (progress) => told.push(progress),
      done: () => undefined,
      stopAsked: () => false,
    });
    expect(told.at(-1)).toMatchObject({ share: 1, finished: 1, total: 1 });
  },
  patience,
);
