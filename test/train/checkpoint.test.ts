import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { initialLossScale } from "../../src/optim/lossScale";
import { checkpointSteps } from "../../src/protocol/runFolder";
import {
  loadCheckpoint,
  type Progress,
  pruneCheckpoints,
  saveCheckpoint,
} from "../../src/train/checkpoint";
import { openRun, type OpenRun } from "../../src/train/openRun";
import { startingPoint } from "../../src/train/startingPoint";
import { randomValues } from "../support/random";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyRun } from "../support/tinyRun";

let opened: OpenRun | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

async function openTiny() {
  const { paths, config } = await tinyRun(temporaryFolder());
  opened = await openRun(paths, config);
  const { engine } = opened;
  const values = (seed: number): Float32Array =>
    Float32Array.from(randomValues(engine.parameterCount, seed));
  const progress = (step: number, change: Partial<Progress> = {}): Progress => ({
    state: {
      step,
      theta: values(step),
      adamw: { updates: step - 1, mean: values(step + 100), square: values(step + 200) },
      flat: null,
      lossScale: null,
    },
    evaluated: 0,
    best: null,
    plateau: null,
    skippedInARow: 0,
    ...change,
  });
  const save = (what: Progress) => saveCheckpoint(paths, config, engine.layout, what);
  return { paths, config, engine, values, progress, save };
}

test("what was saved is read back to the bit", async () => {
  const { paths, engine, values, progress, save } = await openTiny();
  const plain = progress(7);
  const full = progress(8, {
    state: {
      ...progress(8).state,
      flat: { direction: values(9), norm: 0.1 + 0.2 },
      lossScale: initialLossScale(),
    },
    evaluated: 5,
    best: { step: 5, accuracy: 200 / 3 },
    plateau: { waited: 2, accuracy: 100 / 3 },
    skippedInARow: 3,
  });
  for (const what of [plain, full]) {
    const name = await save(what);
    expect(await loadCheckpoint(join(paths.checkpoints, name), engine.layout)).toEqual(what);
  }
  expect(readdirSync(paths.checkpoints)).toEqual(["step-000007", "step-000008"]);
});

test("saving a step again writes what is new of the trainer's state and leaves the values alone", async () => {
  const { paths, engine, progress, save } = await openTiny();
  const folder = join(paths.checkpoints, await save(progress(4)));
  const adapter = readFileSync(join(folder, "adapter_model.safetensors"));
  await save({ ...progress(4), evaluated: 4, best: { step: 4, accuracy: 50 } });
  expect(await loadCheckpoint(folder, engine.layout)).toMatchObject({
    evaluated: 4,
    best: { step: 4, accuracy: 50 },
  });
  expect(readFileSync(join(folder, "adapter_model.safetensors"))).toEqual(adapter);
});

test("the newest ones and the best are kept", async () => {
  const { paths, progress, save } = await openTiny();
  for (const step of [1, 2, 3, 4, 5]) await save(progress(step));
  pruneCheckpoints(paths, 2, 2);
  expect(checkpointSteps(paths)).toEqual([2, 4, 5]);
  pruneCheckpoints(paths, 1, null);
  expect(readdirSync(paths.checkpoints)).toEqual(["step-000005"]);
});

test.each([
  ["a cut adapter", "adapter_model.safetensors", (file: string) => truncateSync(file, 100)],
  ["a cut optimiser", "optimizer.safetensors", (file: string) => truncateSync(file, 300)],
  ["an empty state", "state.json", (file: string) => writeFileSync(file, "")],
  ["a foreign state", "state.json", (file: string) => writeFileSync(file, '{"version":2}')],
])("a trainer goes on from the checkpoint before one with %s", async (_what, name, damage) => {
  const { paths, config, engine, progress, save } = await openTiny();
  await save(progress(1));
  damage(join(paths.checkpoints, await save(progress(2)), name));
  const point = await startingPoint(paths, config, engine);
  expect(point.resumed).toBe(true);
  expect(point.progress).toEqual(progress(1));
  expect(point.warnings).toHaveLength(1);
  expect(point.warnings[0]).toMatch(
    /^The checkpoint step-000002 is put aside because it cannot be read \(.*\); going on from step-000001\.$/,
  );
  expect(readdirSync(paths.checkpoints).sort()).toEqual(["damaged-step-000002", "step-000001"]);
});

test("where no checkpoint can be read the run does not begin anew on its own", async () => {
  const { paths, config, engine, progress, save } = await openTiny();
  const folder = join(paths.checkpoints, await save(progress(2)));
  writeFileSync(join(folder, "state.json"), "{");
  await expect(startingPoint(paths, config, engine)).rejects.toThrow(
    `${join(folder, "state.json")}: cannot be read as JSON; remove that folder to go on from the checkpoint before`,
  );
  expect(checkpointSteps(paths)).toEqual([2]);
});
