import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRun } from "../../src/train/createRun";
import { temporaryFolder } from "../support/temporaryFolder";
import { tinyConfig, tinyRun } from "../support/tinyRun";

/** The sentence that a run is refused with before it has a folder. */
async function refused(folder: string, change: Parameters<typeof tinyConfig>[1]): Promise<string> {
  const output = join(folder, "other");
  const error = await createRun(tinyConfig(folder, { ...change, output })).catch((e: Error) => e);
  expect(error).toMatchObject({ name: "UserError" });
  expect(existsSync(output)).toBe(false);
  return (error as Error).message.replaceAll(folder, "FOLDER");
}

test("adapters that the model has no place for are refused before there is a run", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  expect([
    await refused(folder, { lora: { layers: [1, 2, 5] } }),
    await refused(folder, { lora: { layers: [4], encoder: "text" } }),
    await refused(folder, { lora: { rank: 1_000_000 } }),
    await refused(folder, { lora: { rank: 33, encoder: "vision", targets: ["fc1"] } }),
  ]).toMatchInlineSnapshot(`
    [
      "lora.layers names block 2, 5, but the encoders of FOLDER/clip have blocks 0 to 1; name blocks that exist, or "all"",
      "lora.layers names block 4, but the text encoder of FOLDER/clip has blocks 0 to 1; name blocks that exist, or "all"",
      "lora.rank is 1000000, but text_model.encoder.layers.0.self_attn.q_proj of FOLDER/clip has rank 24 at most; set it to 24 or less (usual are 2 to 16)",
      "lora.rank is 33, but vision_model.encoder.layers.0.mlp.fc1 of FOLDER/clip has rank 32 at most; set it to 32 or less (usual are 2 to 16)",
    ]
  `);
  expect((await createRun(tinyConfig(folder, { lora: { rank: 24 } }))).config.lora.rank).toBe(24);
});

test("a model without a tokenizer is refused before there is a run", async () => {
  const folder = temporaryFolder();
  await tinyRun(folder);
  rmSync(join(folder, "clip/tokenizer.json"));
  expect(await refused(folder, {})).toMatch(/^FOLDER\/clip: holds no tokenizer/);
});
