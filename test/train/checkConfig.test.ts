import { join } from "node:path";
import { expect, test } from "vitest";
import type { ConfigInput } from "../../src/protocol/config";
import type { ConfigFinding } from "../../src/protocol/configFinding";
import type { Memory } from "../../src/runtime/memory";
import { checkConfig } from "../../src/train/checkConfig";
import { emptyImages, temporaryFolder, writeFiles } from "../support/temporaryFolder";
import { writeTinyAdapter } from "../support/tinyAdapter";
import { writeTinyClip } from "../support/tinyClip";
import { tinyConfig } from "../support/tinyRun";

const GiB = 2 ** 30;
const plenty: Memory = { available: 8 * GiB, total: 16 * GiB, limitedBy: "machine" };

/** A folder with a tiny CLIP and images of three classes, four to train with of each but cat, which has two. */
async function prepared(): Promise<string> {
  const folder = temporaryFolder(
    Object.fromEntries(
      ["cat", "dog", "bird"].flatMap((name) =>
        Object.entries({
          ...emptyImages(`images/train/${name}`, name === "cat" ? 2 : 4),
          ...emptyImages(`images/test/${name}`, 2),
        }),
      ),
    ),
  );
  await writeTinyClip(join(folder, "clip"));
  return folder;
}

async function findings(
  folder: string,
  change: Partial<ConfigInput>,
  free = plenty,
): Promise<ConfigFinding[]> {
  const given = new Set(Object.keys(change.lora ?? {}).map((name) => `lora.${name}`));
  return checkConfig({ config: tinyConfig(folder, change), given }, free);
}

const data = (folder: string, shots: number | null) => ({ root: join(folder, "images"), shots });

test("a configuration that can be started has no findings", async () => {
  const folder = await prepared();
  expect(await findings(folder, { data: data(folder, 2) })).toEqual([]);
  expect(await findings(folder, { data: data(folder, null) })).toEqual([]);
});

test("a model of the hub that is not there can be pulled, a folder cannot", async () => {
  const folder = await prepared();
  const named = { model: "nobody/no-such-clip", data: data(folder, 2) };
  expect(await findings(folder, named)).toMatchObject([
    { setting: "model", state: "failed", fixes: [{ kind: "pull", model: "nobody/no-such-clip" }] },
  ]);
  const missing = join(folder, "elsewhere");
  expect(await findings(folder, { model: missing, data: data(folder, 2) })).toMatchObject([
    { setting: "model", message: expect.stringContaining(missing) as string, fixes: [] },
  ]);
});

test("shots above a class's count are told with what would do", async () => {
  const folder = await prepared();
  expect(await findings(folder, { data: data(folder, 3) })).toMatchObject([
    {
      setting: "data.shots",
      state: "failed",
      message: expect.stringContaining('class "cat" has only 2 of the 3') as string,
      fixes: [
        { kind: "set", values: { "data.shots": 2 } },
        { kind: "set", values: { "data.shots": null } },
      ],
    },
  ]);
});

test("images that are not there are told where they are named", async () => {
  const folder = await prepared();
  const root = join(folder, "photos");
  expect(await findings(folder, { data: { root } })).toMatchObject([
    { setting: "data.root", state: "failed", fixes: [{ kind: "checkData", root }] },
  ]);
  expect(
    await findings(folder, {
      data: data(folder, 2),
      evaluation: { targets: [{ dataset: "folder", root: join(folder, "images") }, { root }] },
    }),
  ).toMatchObject([
    {
      setting: "evaluation.targets.1",
      state: "failed",
      message: expect.stringMatching(/^evaluation\.targets\[1\]\.root/) as string,
    },
  ]);
});

test("blocks that the model does not have, and an adapter made otherwise, are told with what would do", async () => {
  const folder = await prepared();
  const images = { data: data(folder, 2) };
  expect(await findings(folder, { ...images, lora: { layers: [0, 7] } })).toMatchObject([
    { setting: "lora.layers", fixes: [{ kind: "set", values: { "lora.layers": "all" } }] },
  ]);
  const nowhere = join(folder, "adapter");
  expect(await findings(folder, { ...images, lora: { init: nowhere } })).toMatchObject([
    { setting: "lora.init", state: "failed", fixes: [] },
  ]);
  const init = join(folder, "tiny");
  await writeTinyAdapter(init);
  expect(await findings(folder, { ...images, lora: { init } })).toEqual([]);
  expect(await findings(folder, { ...images, lora: { init, rank: 9, alpha: 2 } })).toMatchObject([
    { setting: "lora.init", fixes: [{ kind: "remove", settings: ["lora.rank", "lora.alpha"] }] },
  ]);
});

test("more warm-up than steps is told by its setting", async () => {
  const folder = await prepared();
  const change = { data: data(folder, 2), optimizer: { warmupSteps: 50 } };
  expect(await findings(folder, change)).toMatchObject([{ setting: "optimizer.warmupSteps" }]);
});

test("a run that does not fit into memory is told by the setting that makes it large", async () => {
  const folder = await prepared();
  const small: Memory = { available: 0.33 * GiB, total: 16 * GiB, limitedBy: "machine" };
  const change = (microBatchSize: number | "auto") => ({
    data: data(folder, 2),
    training: { batchSize: 5000, microBatchSize },
  });
  const [finding, ...others] = await findings(folder, change(5000), small);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ setting: "training.microBatchSize", state: "note" });
  const fixes = finding!.fixes.map((fix) => (fix.kind === "set" ? fix.values : {}));
  const most = fixes[0]!["training.microBatchSize"] as number;
  expect(most).toBeGreaterThan(1);
  expect(fixes[1]).toEqual({ "training.microBatchSize": "auto" });
  expect(finding!.message).toContain(`take at most ${most}, or "auto"`);
  // What is proposed fits, and one more does not.
  expect(await findings(folder, change(most), small)).toEqual([]);
  expect(await findings(folder, change(most + 1), small)).toHaveLength(1);
});

test("a model that does not fit at all is told by its name; a GPU's memory is not judged", async () => {
  const folder = await prepared();
  const none: Memory = { available: 0.1 * GiB, total: 0.2 * GiB, limitedBy: "machine" };
  const change = { data: data(folder, 2) };
  expect(await findings(folder, change, none)).toMatchObject([
    { setting: "model", state: "failed", fixes: [] },
  ]);
  expect(await findings(folder, { ...change, device: "cuda" }, none)).toEqual([]);
});

test("an empty folder of images is told", async () => {
  const folder = await prepared();
  writeFiles(folder, { "none/readme.txt": "" });
  const [finding] = await findings(folder, { data: { root: join(folder, "none") } });
  expect(finding).toMatchObject({ setting: "data.root", state: "failed" });
});
