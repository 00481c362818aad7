import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createImagePipeline } from "../../src/data/imagePipeline";
import { readNamedTensors, writeSafetensors } from "../../src/models/safetensors";
import { openSnapshot } from "../../src/models/snapshot";
import { type FrozenConfig, readFrozen } from "../../src/protocol/frozen";
import { checkpointSteps, type RunPaths } from "../../src/protocol/runFolder";
import { exportModel } from "../../src/train/exportModel";
import { measureRun, measureZeroShot } from "../../src/train/measure";
import type { ClassifierSettings } from "../../src/train/onnxClassifier";
import { imagesAt, predict } from "../../src/train/predict";
import { InternalError, UserError } from "../../src/util/errors";
import { expectClose } from "../support/allclose";
import { startTrainer, tinyConfig, tinyRun } from "../support/tinyRun";

let folder: string;
let paths: RunPaths;
let config: FrozenConfig;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-export-"));
  ({ paths } = await tinyRun(folder));
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  config = readFrozen(paths);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settingsOf = (exported: string) =>
  JSON.parse(readFileSync(join(exported, "classifier.json"), "utf8")) as ClassifierSettings;

test("a classifier that is opened by its file gives the probabilities of glad predict", async () => {
  const target = join(folder, "exported");
  const { difference, classes, bytes } = await exportModel(paths, config, null, target);
  expect(difference).toBeLessThan(1e-5);
  expect(classes).toEqual(["bird", "car", "cat", "dog"]);
  expect(readdirSync(target).sort()).toEqual([
    "README.md",
    "classifier.json",
    "classifier.onnx",
    "config.json",
    "model.safetensors",
    "preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(bytes).toBeGreaterThan(50_000);
  const { input, output, template, ...settings } = settingsOf(target);
  expect(settings.classes).toEqual(classes);
  expect([input.shape, output.shape, template]).toEqual([
    [1, 3, 24, 24],
    [1, 4],
    "a photo of a {}.",
  ]);

  const files = imagesAt([join(folder, "images", "test")]);
  const { images } = await predict(paths, config, null, files);
  const { preprocessor } = await openSnapshot(target);
  const pipeline = createImagePipeline({ transform: preprocessor, workers: 1, cacheMiB: 0 });
  const session = await ort.InferenceSession.create(join(target, "classifier.onnx"));
  for (const { path, top } of images) {
    const pixels = await pipeline.evaluationBatch([path]);
    const out = await session.run({ pixel_values: new ort.Tensor("float32", pixels, input.shape) });
    const found = out["probabilities"]!.data as Float32Array;
    const want = top.map(({ probability }) => probability);
    const got = top.map(({ name }) => found[classes.indexOf(name)]!);
    expectClose(basename(path), got, want, { absolute: 1e-5 });
  }
  await session.release();
  await pipeline.close();
});

test("the merged model alone measures what the checkpoint does", async () => {
  const target = join(folder, "merged");
  const [first] = checkpointSteps(paths);
  const checkpoint = join(paths.checkpoints, `step-${String(first).padStart(6, "0")}`);
  await exportModel(paths, config, checkpoint, target);
  const adapted = await measureRun(paths, config, checkpoint, () => undefined);
  const merged = await measureZeroShot({ ...tinyConfig(folder), model: target }, () => undefined);
  expect(merged.results.map(({ split, correct, total }) => [split, correct, total])).toEqual(
    adapted.results.map(({ split, correct, total }) => [split, correct, total]),
  );
  expect(readFileSync(join(target, "README.md"), "utf8")).toContain(`step ${first} of the run`);
});

test("takes other classes, several images at once, and an empty folder", async () => {
  const target = join(folder, "empty");
  mkdirSync(target);
  const { ino } = statSync(target);
  const classes = ["a tree", "red"];
  await exportModel(paths, config, null, target, { classes, batch: 3 });
  const { input, output, classes: named } = settingsOf(target);
  expect([input.shape, output.shape, named]).toEqual([[3, 3, 24, 24], [3, 2], classes]);
  // A shell that is in it stays there.
  expect(statSync(target).ino).toBe(ino);
  expect(readdirSync(target)).toHaveLength(8);
});

test("a folder that somebody has filled meanwhile is left alone as well", async () => {
  const target = join(folder, "meanwhile");
  const attempt = exportModel(paths, config, null, target, {
    onProgress(doing) {
      if (!doing.startsWith("comparing")) return;
      mkdirSync(target);
      writeFileSync(join(target, "theirs.txt"), "theirs");
    },
  });
  await expect(attempt).rejects.toThrow(`${target}: holds files already; name a folder`);
  expect(readdirSync(target)).toEqual(["theirs.txt"]);
  expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
});

test("a folder that holds something is left alone", async () => {
  const target = join(folder, "full");
  mkdirSync(target);
  writeFileSync(join(target, "mine.txt"), "mine");
  const attempt = exportModel(paths, config, null, target);
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(`${target}: holds files already; name a folder`);
  const file = join(target, "mine.txt");
  await expect(exportModel(paths, config, null, file)).rejects.toThrow(`${file}: is a file;`);
  expect(readdirSync(target)).toEqual(["mine.txt"]);
});

test("whoever is stopped on the way leaves nothing behind", async () => {
  const target = join(folder, "stopped");
  const said: string[] = [];
  const stop = (at: string) => (doing: string) => {
    said.push(doing);
    if (doing.startsWith(at)) throw new InternalError("stopped");
  };
  for (const at of ["writing", "comparing"]) {
    const attempt = exportModel(paths, config, null, target, { onProgress: stop(at) });
    await expect(attempt).rejects.toThrow("stopped");
  }
  expect(said).toContain("encoding 4 classes");
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes("stopped"))).toEqual([]);
});

test("what an export left that was killed long ago is removed by the next one to its folder", async () => {
  const ended = spawnSync(process.execPath, ["-e", ""]).pid;
  const target = join(folder, "again");
  const names = {
    old: `again.${ended}.partial`,
    young: `again.${ended + 1}.partial`,
    other: "mine",
  };
  for (const name of [...Object.values(names), `again.${process.ppid}.partial`])
    mkdirSync(join(folder, name));
  for (const name of [names.old, names.other, `again.${process.ppid}.partial`])
    utimesSync(join(folder, name), 0, 0);
  await exportModel(paths, config, null, target);
  expect(existsSync(join(folder, names.old))).toBe(false);
  for (const name of [names.young, names.other, `again.${process.ppid}.partial`])
    expect(existsSync(join(folder, name)), name).toBe(true);
  // In a folder that was empty, too.
  const inside = join(folder, "inside", `${ended}.partial`);
  mkdirSync(inside, { recursive: true });
  utimesSync(inside, 0, 0);
  await exportModel(paths, config, null, join(folder, "inside"));
  expect(existsSync(inside)).toBe(false);
});

test("an adapter that diverged is no model", async () => {
  const checkpoint = join(paths.checkpoints, "step-000012");
  const diverged = join(paths.checkpoints, "step-000013");
  cpSync(checkpoint, diverged, { recursive: true });
  const weights = join(diverged, "adapter_model.safetensors");
  const { tensors } = await readNamedTensors(weights);
  for (const { data } of tensors.values()) data.fill(1e30);
  await writeSafetensors(weights, tensors);
  const target = join(folder, "diverged");
  const attempt = exportModel(paths, config, diverged, target);
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow("step-000013: its adapter gives no numbers, since its");
  expect(existsSync(target)).toBe(false);
  rmSync(diverged, { recursive: true });
});

test("needs no image of the run's own, nor does glad predict", async () => {
  const [image] = imagesAt([join(folder, "images", "test", "dog")]);
  const mine = join(folder, "mine.png");
  cpSync(image!, mine);
  const before = await predict(paths, config, null, [mine]);
  const images = join(folder, "images");
  renameSync(images, `${images} elsewhere`);
  const target = join(folder, "without");
  expect((await exportModel(paths, config, null, target)).classes).toEqual(before.classes);
  expect((await predict(paths, config, null, [mine])).images).toEqual(before.images);
  // What is measured on them does.
  await expect(measureRun(paths, config, null, () => undefined)).rejects.toThrow(UserError);
  renameSync(`${images} elsewhere`, images);
});

test("a checkpoint that the trainer prunes meanwhile was read before", async () => {
  const checkpoint = join(paths.checkpoints, "step-000012");
  const pruned = join(paths.checkpoints, "step-000011");
  cpSync(checkpoint, pruned, { recursive: true });
  const prune = (): void => rmSync(pruned, { recursive: true, force: true });
  const target = join(folder, "pruned");
  await exportModel(paths, config, pruned, target, { onProgress: prune });
  expect(existsSync(pruned)).toBe(false);
  cpSync(checkpoint, pruned, { recursive: true });
  const images = imagesAt([join(folder, "images", "test", "dog")]);
  const { images: found } = await predict(paths, config, pruned, images, { onProgress: prune });
  expect(existsSync(pruned)).toBe(false);
  expect(found).toHaveLength(images.length);
  const weights = (from: string) => readFileSync(join(folder, from, "model.safetensors"));
  expect(weights("pruned").equals(weights("exported"))).toBe(true);
});

test("a folder that cannot be written is said to be so", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  await expect(exportModel(paths, config, null, join(file, "below"))).rejects.toThrow(UserError);
});
