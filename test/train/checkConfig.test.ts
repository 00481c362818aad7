import { join } from "node:path";
import { expect, test } from "vitest";
import type { ConfigInput } from "../../src/protocol/config";
import type { ConfigFinding } from "../../src/protocol/configFinding";
import { chooseDevice } from "../../src/runtime/devices";
import type { Memory } from "../../src/runtime/memory";
import type { ProbeAnswer, ProbeOptions } from "../../src/runtime/probe";
import { checkConfig } from "../../src/train/checkConfig";
import { messageOf } from "../../src/util/errors";
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
  probe: ProbeOptions = {},
): Promise<ConfigFinding[]> {
  const given = new Set(Object.keys(change.lora ?? {}).map((name) => `lora.${name}`));
  return checkConfig({ config: tinyConfig(folder, change), given }, free, probe);
}

/** Probes whose child answers this, whatever the machine has. */
function answering(folder: string, answer: ProbeAnswer): ProbeOptions {
  const program = join(folder, "probe.cjs");
  writeFiles(folder, { "probe.cjs": `console.log(${JSON.stringify(JSON.stringify(answer))})` });
  return { program, env: {} };
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

test("what is wrong with a list, or with that of its validation images, is told of the list", async () => {
  const folder = await prepared();
  const list = join(folder, "one_train.jsonl");
  const line = (file: string): string => JSON.stringify([`train/cat/00${file}.jpg`, 0, "cat"]);
  const listed = { data: { ...data(folder, null), list } };
  writeFiles(folder, { "one_train.jsonl": line("7") });
  expect(await findings(folder, listed)).toMatchObject([
    { setting: "data.list", message: expect.stringContaining(`${list}, line 1: `) as string },
  ]);
  writeFiles(folder, { "one_train.jsonl": line("0"), "one_val.jsonl": line("7") });
  const beside = join(folder, "one_val.jsonl");
  expect(await findings(folder, listed)).toMatchObject([
    { setting: "data.list", message: expect.stringContaining(`${beside}, line 1: `) as string },
  ]);
});

test("images that are not there are told where they are named", async () => {
  const folder = await prepared();
  const root = join(folder, "photos");
  expect(await findings(folder, { data: { root } })).toMatchObject([
    {
      setting: "data.root",
      state: "failed",
      fixes: [
        { kind: "chooseImages", dataset: "folder" },
        { kind: "checkData", root },
      ],
    },
  ]);
  expect(await findings(folder, { data: {} })).toMatchObject([
    {
      setting: "data.root",
      message: expect.stringContaining("is not given") as string,
      fixes: [{ kind: "chooseImages", dataset: "folder" }],
    },
  ]);
  // Of a folder that is there the check may show what it lacks.
  const there = { root: join(folder, "clip"), dataset: "dtd" };
  expect(await findings(folder, { data: there })).toMatchObject([
    {
      fixes: [
        { kind: "checkData", root: there.root },
        { kind: "chooseImages", dataset: "dtd" },
      ],
    },
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
  // Class folders that lie one folder further in.
  writeFiles(folder, { ...emptyImages("zip/all/cat", 2), ...emptyImages("zip/all/dog", 2) });
  const targets = [{ dataset: "folder", root: join(folder, "zip") }];
  const [found] = await findings(folder, { data: data(folder, 2), evaluation: { targets } });
  expect(found!.message).toMatch(/zip[\\/]all as evaluation\.targets\[0\]\.root$/);
});

test("of a data set's name that none has the nearest is offered", async () => {
  const folder = await prepared();
  const { root } = data(folder, 2);
  const [own] = await findings(folder, { data: { root, dataset: "dtdd" } });
  expect(own).toMatchObject({
    setting: "data.dataset",
    fixes: [{ kind: "set", values: { "data.dataset": "dtd" } }],
  });
  const targets = [{ dataset: "eurosad", root }];
  const change = { data: data(folder, 2), evaluation: { targets } };
  expect(await findings(folder, change)).toMatchObject([
    {
      setting: "evaluation.targets.0",
      fixes: [{ kind: "set", values: { "evaluation.targets.0.dataset": "eurosat" } }],
    },
  ]);
  const unlike = await findings(folder, { data: { root, dataset: "mnist" } });
  expect(unlike).toMatchObject([{ fixes: [{ kind: "checkData" }] }]);
  expect(await findings(folder, { data: { dataset: "mnist" } })).toMatchObject([{ fixes: [] }]);
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
  const works = answering(folder, { ok: true, gigaflops: 9 });
  expect(await findings(folder, { ...change, device: "cuda" }, none, works)).toEqual([]);
  // Where there is one, "auto" takes it.
  expect(await findings(folder, { ...change, device: "auto" }, none, works)).toEqual([]);
  const fails = answering(folder, { ok: false, reason: "there is none", final: true });
  expect(await findings(folder, { ...change, device: "auto" }, none, fails)).toMatchObject([
    { setting: "model", state: "failed" },
  ]);
});

test("a named device that does not work is told as a run tells it, with those that do", async () => {
  const folder = await prepared();
  const change: Partial<ConfigInput> = { data: data(folder, 2), device: "cuda:1" };
  const reason = "the library libcuda.so.1 is missing";
  const fails = answering(folder, { ok: false, reason, final: true });
  const said = await chooseDevice("cuda:1", "float32", fails).catch(messageOf);
  expect(said).toContain('device "cuda:1" cannot be used: the library libcuda.so.1 is missing');
  const set = (device: string) => ({ kind: "set", values: { device } });
  expect(await findings(folder, change, plenty, fails)).toEqual([
    { setting: "device", state: "failed", message: said, fixes: [set("auto"), set("cpu")] },
  ]);
  expect(await findings(folder, { ...change, device: "auto" }, plenty, fails)).toEqual([]);
  expect(await findings(folder, { ...change, device: "cpu" }, plenty, fails)).toEqual([]);
  const half: Partial<ConfigInput> = {
    ...change,
    device: "cpu",
    training: { precision: "float16" },
  };
  expect(await findings(folder, half, plenty, fails)).toMatchObject([
    { setting: "device", fixes: [set("auto")] },
  ]);
});

test("an empty folder of images is told", async () => {
  const folder = await prepared();
  writeFiles(folder, { "none/readme.txt": "" });
  const [finding] = await findings(folder, { data: { root: join(folder, "none") } });
  expect(finding).toMatchObject({ setting: "data.root", state: "failed" });
});
