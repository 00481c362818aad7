import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import { openRun } from "../../src/train/openRun";
import { earlierPassMemory, mainMemory, passMemory } from "../../src/train/passMemory";
import { runTrainer } from "../../src/trainer/runTrainer";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";

const GiB = 2 ** 30;

test("a run that goes on keeps the memory that it began with, as far as it is there", () => {
  expect(passMemory("auto", null, mainMemory(2 * GiB))).toEqual({
    bytes: Math.floor(1.2 * GiB),
    warning: null,
  });
  expect(passMemory("auto", 1.5 * GiB, mainMemory(2 * GiB))).toEqual({
    bytes: 1.5 * GiB,
    warning: null,
  });
  expect(passMemory("auto", GiB, mainMemory(64 * GiB))).toEqual({ bytes: GiB, warning: null });
  const less = passMemory("auto", 2.5 * GiB, mainMemory(2 * GiB));
  expect(less.bytes).toBe(Math.floor(1.2 * GiB));
  expect(less.warning).toMatch(
    /^the run began with 2\.5 GiB for its passes, and 2\.0 GiB are free now: it goes on with 1\.2 GiB, /,
  );
  // What the configuration names is not questioned.
  expect(passMemory(300, 2.5 * GiB, mainMemory(2 * GiB))).toEqual({
    bytes: 300 * 2 ** 20,
    warning: null,
  });
});

test("a run whose machine has other memory now goes on with passes of the same size", async () => {
  const { paths, config } = await tinyRun(temporaryFolder(), { training: { steps: 2 } });
  expect(await runTrainer(paths.folder)).toBe(0);
  const bytes = earlierPassMemory(readEvents(paths.events));
  expect(bytes).toBeGreaterThan(2 ** 20);
  // As if it had begun where hardly any memory was free.
  const lines = readFileSync(paths.events, "utf8");
  writeFileSync(paths.events, lines.replace(`"passMemory":${bytes}`, '"passMemory":1000'));
  const run = await openRun(paths, config);
  await run.close();
  expect(run.passMemory).toEqual({ bytes: 1000, warning: null });
});
