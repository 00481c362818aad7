import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "../../src/protocol/config";
import { createRun } from "../../src/train/createRun";
import { startingPoint } from "../../src/train/startingPoint";
import { openRun } from "../../src/train/openRun";
import { temporaryFolder } from "../support/temporaryFolder";
import { adapterSpec as spec, writeTinyAdapter as adapter } from "../support/tinyAdapter";
import { tinyClipConfig } from "../support/tinyClip";
import { tinyConfig, tinyRun } from "../support/tinyRun";

test("a run starts from the values of an adapter, also when its folder is gone by then", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  const init = join(folder, "adapter");
  const theta = await adapter(init);
  const lora = { ...spec, targets: ["fc1" as const, "q" as const], dropout: 0, init };
  const { paths, config } = await createRun(tinyConfig(folder, { lora }));
  rmSync(init, { recursive: true });
  expect(readdirSync(paths.init).sort()).toEqual([
    "adapter_config.json",
    "adapter_model.safetensors",
  ]);
  const run = await openRun(paths, config);
  try {
    const { progress, resumed } = await startingPoint(paths, config, run.engine);
    expect(resumed).toBe(false);
    expect(progress.state.theta).toEqual(theta);
  } finally {
    await run.close();
  }
});

test("what the configuration leaves out is taken over from the adapter, and said", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  const init = join(folder, "adapter");
  await adapter(init);
  const config = tinyConfig(folder, { lora: { init, dropout: 0, rank: 3 } });
  const given = new Set(["lora.init", "lora.dropout", "lora.rank"]);
  const { config: frozen, notes } = await createRun(config, { given });
  expect(frozen.lora).toEqual({ ...spec, dropout: 0, init });
  expect(notes[0]).toBe(
    `Taken over from the adapter in ${init}: lora.encoder "vision", lora.targets ["q","fc1"], lora.layers [1], ` +
      'lora.alpha 6, lora.scaling "lora".',
  );
});

test("a setting that contradicts the adapter is refused, and nothing is left behind", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  const init = join(folder, "adapter");
  await adapter(init);
  const lora = { init, rank: 2, layers: [1, 0] };
  const config = tinyConfig(folder, { lora, output: join(folder, "other") });
  const given = new Set(["lora.init", "lora.rank", "lora.layers"]);
  await expect(createRun(config, { given })).rejects.toThrow(
    `lora.init: the adapter in ${init} was made with other settings than the configuration has (lora.layers is "all" and ` +
      "there [1]; lora.rank is 2 and there 3); leave them out to take the adapter's, or name an adapter that was made with these",
  );
  expect(existsSync(join(folder, "other"))).toBe(false);
});

test("an adapter of another model is refused", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  const init = join(folder, "adapter");
  const wide = { ...tinyClipConfig(), vision: { ...tinyClipConfig().vision, hiddenSize: 64 } };
  await adapter(init, wide);
  const config = configSchema.parse(
    tinyConfig(folder, { lora: { ...spec, targets: ["q"], init } }),
  );
  await expect(createRun(config)).rejects.toThrow(/the adapter does not fit the model/);
  cpSync(init, join(folder, "empty"), { recursive: true });
  rmSync(join(folder, "empty/adapter_config.json"));
  const empty = tinyConfig(folder, { lora: { init: join(folder, "empty") } });
  await expect(createRun(empty)).rejects.toThrow(/holds no adapter_config\.json/);
});
