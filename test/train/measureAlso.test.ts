import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOnce } from "../../src/data/readData";
import { frozenSplit, replaceSplit, sha256 } from "../../src/data/splitFile";
import { readCompleteResult } from "../../src/protocol/completeResult";
import { readFrozen } from "../../src/protocol/frozen";
import { requestControl, runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { measureAlso } from "../../src/train/measureAlso";
import type { RunResult } from "../../src/train/result";
import { temporaryFolder } from "../support/temporaryFolder";
import { startTrainer, tinyConfig, tinyRun, writePictures } from "../support/tinyRun";

const splitsIn = (file: string) => {
  const { adapted, zeroShot } = JSON.parse(readFileSync(file, "utf8")) as RunResult;
  return [adapted, zeroShot].map((measured) => measured.map(({ split }) => split));
};

test("a run that has ended is measured on more by the step that it is at, however it was cut off", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder, { checkpoints: { every: 5 } });
  await writePictures(join(folder, "night"), 2);
  await writePictures(join(folder, "day"), 2);
  const wanted = (...names: string[]) =>
    tinyConfig(folder, {
      evaluation: { targets: names.map((name) => ({ root: join(folder, name) })) },
    });
  const also = (...names: string[]) => measureAlso(paths, wanted(...names), readOnce());
  // One that has not begun takes them from the beginning.
  expect(await also("night")).toMatchObject({ names: ["night"], busy: false });
  expect(readStatus(paths)!.state).toBe("created");
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(splitsIn(paths.result)).toEqual(Array(2).fill(["all", "target:night", "val"]));
  const events = readFileSync(paths.events, "utf8");
  const before = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
  expect(await also("night")).toEqual({ names: [], busy: false, notes: [] });

  expect(await also("day", "night")).toMatchObject({ names: ["day"] });
  expect(readStatus(paths)).toMatchObject({
    state: "stopped",
    reason: "is to be measured on day as well",
  });
  // Cut off before the new split was in its place: the configuration tells which it is.
  renameSync(paths.split, `${paths.split}.next`);
  writeFileSync(paths.split, "of before");
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(splitsIn(paths.result)[0]!.sort()).toEqual(["all", "target:day", "target:night", "val"]);
  expect(splitsIn(paths.result)[1]!.sort()).toEqual(["all", "target:day", "target:night", "val"]);
  const { run, evaluation } = readFrozen(paths);
  const split = frozenSplit(paths.split, run.splitHash);
  expect(evaluation.targets.map(({ name }) => name)).toEqual(["night", "day"]);
  // Nothing was trained, and nothing measured twice.
  const since = readFileSync(paths.events, "utf8").slice(events.length);
  expect(since).not.toContain('"type":"step"');
  expect(since.match(/"type":"evaluated"/g)).toHaveLength(2);
  const after = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
  for (const old of before.adapted) expect(after.adapted).toContainEqual(old);
  expect(after.bestMeasured).toEqual(before.bestMeasured);
  expect(readStatus(paths)!.state).toBe("finished");

  // The next change ends what was cut off.
  await writePictures(join(folder, "dusk"), 2);
  expect(await also("dusk")).toMatchObject({ names: ["dusk"] });
  expect(existsSync(`${paths.split}.next`)).toBe(false);
  expect(readFileSync(paths.split, "utf8").startsWith(split)).toBe(true);
});

test("a run that a trainer is at work in is left as it is", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder, { training: { steps: 100_000, batchSize: 6 } });
  await writePictures(join(folder, "night"), 2);
  const { child, ended } = startTrainer(paths.folder);
  await expect.poll(() => readStatus(paths)?.state, { timeout: 30_000 }).toBe("running");
  const before = readFileSync(paths.config, "utf8");
  const wanted = tinyConfig(folder, { evaluation: { targets: [{ root: join(folder, "night") }] } });
  expect(await measureAlso(paths, wanted, readOnce())).toMatchObject({
    names: ["night"],
    busy: true,
  });
  expect(readFileSync(paths.config, "utf8")).toBe(before);
  child.kill("SIGTERM");
  await ended;
});

test("what a target fails by does not cost the run what it has, and is forgotten once nobody wants it", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  const result = readFileSync(paths.result, "utf8");
  await writePictures(join(folder, "bad"), 2);
  writeFileSync(join(folder, "bad/test/cat/test-0.png"), "no image");
  await writePictures(join(folder, "good"), 2);
  const also = (...names: string[]) =>
    measureAlso(
      paths,
      tinyConfig(folder, {
        evaluation: { targets: names.map((name) => ({ root: join(folder, name) })) },
      }),
      readOnce(),
    );
  await also("bad");
  expect((await startTrainer(paths.folder).ended).code).toBe(1);
  expect(readStatus(paths)).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("test-0.png") as string,
  });
  expect(readFileSync(paths.result, "utf8")).toBe(result);
  // The images that it trained on are not needed for this, nor those that it was measured on.
  renameSync(join(folder, "images"), join(folder, "elsewhere"));
  mkdirSync(join(folder, "images"));
  await also("good");
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(splitsIn(paths.result)[0]).toEqual(["all", "val", "target:good"]);
  expect(readFrozen(paths).evaluation.targets.map(({ name }) => name)).toEqual(["good"]);
});

test("a run that ended with what cannot be read any more is not taken for the step before", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  const [result, splits] = [readFileSync(paths.result, "utf8"), splitsIn(paths.result)];
  await writePictures(join(folder, "night"), 2);
  const wanted = tinyConfig(folder, { evaluation: { targets: [{ root: join(folder, "night") }] } });
  await measureAlso(paths, wanted, readOnce());
  writeFileSync(join(paths.checkpoints, "step-000012/adapter_model.safetensors"), "cut off");
  expect((await startTrainer(paths.folder).ended).code).toBe(1);
  expect(readStatus(paths)!.reason).toMatch(
    /the checkpoint that the run ended with cannot be read .* goes on from step 9$/,
  );
  expect(readFileSync(paths.result, "utf8")).toBe(result);
  // Gone back to the step before by somebody's wish, it is measured as any run is.
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(splitsIn(paths.result)[0]!.sort()).toEqual([...splits[0]!, "target:night"].sort());
});

test("a run that is stopped while it is measured on more keeps its result", async () => {
  const folder = temporaryFolder();
  const { paths } = await tinyRun(folder);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  const before = splitsIn(paths.result);
  await writePictures(join(folder, "night"), 2);
  const wanted = tinyConfig(folder, { evaluation: { targets: [{ root: join(folder, "night") }] } });
  await measureAlso(paths, wanted, readOnce());
  requestControl(paths, "stop");
  expect((await startTrainer(paths.folder).ended).code).toBe(130);
  expect(readStatus(paths)!.state).toBe("stopped");
  expect(readCompleteResult(paths.result)).not.toBeNull();
  expect(splitsIn(paths.result)).toEqual(before);
  expect((await startTrainer(paths.folder).ended).code).toBe(0);
  expect(splitsIn(paths.result)[0]).toContain("target:night");
});

test("a split is replaced as a whole or not at all, whoever reads it meanwhile", async () => {
  const { split } = runPaths(temporaryFolder());
  writeFileSync(split, "old");
  const before = { stated: sha256("old") };
  const fail = () => Promise.reject(new Error("the disk is full"));
  await expect(replaceSplit(split, before, "new", fail)).rejects.toThrow("the disk is full");
  expect(frozenSplit(split, sha256("old"))).toBe("old");
  // Stated, and cut off there.
  expect(frozenSplit(split, sha256("new"))).toBe("new");
  expect(() => frozenSplit(split, sha256("other"))).toThrow(/was changed since the run began/);
  await replaceSplit(split, { stated: sha256("new") }, "newer", () => Promise.resolve());
  expect(readFileSync(split, "utf8")).toBe("newer");
  expect(existsSync(`${split}.next`)).toBe(false);
});
