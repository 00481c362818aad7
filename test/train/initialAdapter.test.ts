import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loraSites, parameterLayout } from "../../src/models/lora";
import { namedTheta } from "../../src/models/loraNames";
import { writeAdapter } from "../../src/models/peft";
import { configSchema } from "../../src/protocol/config";
import { createRun } from "../../src/train/createRun";
import { startingPoint } from "../../src/train/startingPoint";
import { openRun } from "../../src/train/openRun";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyClipConfig } from "../support/tinyClip";
import { randomValues } from "../support/random";
import { tinyConfig, tinyRun } from "../support/tinyRun";

const spec = {
  encoder: "vision" as const,
  targets: ["q", "fc1"] as const,
  layers: [1],
  rank: 3,
  alpha: 6,
  scaling: "lora" as const,
  dropout: 0.1,
};

/** An adapter of those settings with random values. */
async function adapter(folder: string): Promise<Float32Array> {
  const layout = parameterLayout(loraSites(tinyClipConfig(), spec), spec.rank);
  const count = layout.reduce((sum, { size }) => sum + size, 0);
  const theta = Float32Array.from(randomValues(count, 8));
  await writeAdapter(folder, namedTheta(layout, theta), spec, "somewhere/clip");
  return theta;
}

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

test("an adapter of other settings is refused with what to set, and nothing is left behind", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  const init = join(folder, "adapter");
  await adapter(init);
  const config = tinyConfig(folder, { lora: { init }, output: join(folder, "other") });
  await expect(createRun(config)).rejects.toThrow(
    `lora.init: the adapter in ${init} was made with other settings (lora.encoder is "both" and not "vision"; ` +
      `lora.targets is ["q","k","v"] and not ["q","fc1"]; lora.layers is "all" and not [1]; lora.rank is 2 and not 3; ` +
      `lora.alpha is 1 and not 6; lora.scaling is "rslora" and not "lora"); use its own:`,
  );
  expect(existsSync(join(folder, "other"))).toBe(false);
});

test("an adapter of another model is refused", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  const init = join(folder, "adapter");
  const wide = { ...tinyClipConfig(), vision: { ...tinyClipConfig().vision, hiddenSize: 64 } };
  const layout = parameterLayout(loraSites(wide, spec), spec.rank);
  const count = layout.reduce((sum, { size }) => sum + size, 0);
  await writeAdapter(init, namedTheta(layout, new Float32Array(count)), spec, "wide");
  const config = configSchema.parse(
    tinyConfig(folder, { lora: { ...spec, targets: ["q"], init } }),
  );
  await expect(createRun(config)).rejects.toThrow(/the adapter does not fit the model/);
  cpSync(init, join(folder, "empty"), { recursive: true });
  rmSync(join(folder, "empty/adapter_config.json"));
  const empty = tinyConfig(folder, { lora: { init: join(folder, "empty") } });
  await expect(createRun(empty)).rejects.toThrow(/holds no adapter_config\.json/);
});
