import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { takeMachineSettings } from "../../src/experiments/machineSettings";
import { readFrozen } from "../../src/protocol/frozen";
import { runTrainer } from "../../src/trainer/runTrainer";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";

test("a run that is not over goes on with what is said now of the machine, and nothing else changes", async () => {
  const { paths, config } = await tinyRun(temporaryFolder(), { device: "cuda" });
  const training = { ...config.training, memoryBudgetMiB: 300, batchSize: 99 };
  const wanted = { ...config, device: "cpu", threads: 1, training, seed: 77 };
  expect(await takeMachineSettings(paths, wanted)).toBe(true);
  expect(readFrozen(paths)).toEqual({
    ...config,
    device: "cpu",
    threads: 1,
    training: { ...config.training, memoryBudgetMiB: 300 },
  });
  expect(await takeMachineSettings(paths, wanted)).toBe(false);
});

test("a finished run keeps what it was made with", async () => {
  const { paths, config } = await tinyRun(temporaryFolder(), { training: { steps: 1 } });
  expect(await runTrainer(paths.folder)).toBe(0);
  const before = readFileSync(paths.config, "utf8");
  expect(await takeMachineSettings(paths, { ...config, device: "webgpu" })).toBe(false);
  expect(readFileSync(paths.config, "utf8")).toBe(before);
});
