import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOnce } from "../../src/data/readData";
import { replaceSplit, settleSplit, sha256 } from "../../src/data/splitFile";
import { readFrozen } from "../../src/protocol/frozen";
import { runPaths } from "../../src/protocol/runFolder";
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
  expect(existsSync(`${paths.split}.next`)).toBe(false);
  expect(splitsIn(paths.result)[0]!.sort()).toEqual(["all", "target:day", "target:night", "val"]);
  expect(splitsIn(paths.result)[1]!.sort()).toEqual(["all", "target:day", "target:night", "val"]);
  const { run, evaluation } = readFrozen(paths);
  expect(run.splitHash).toBe(sha256(readFileSync(paths.split, "utf8")));
  expect(evaluation.targets.map(({ name }) => name)).toEqual(["night", "day"]);
  // Nothing was trained, and nothing measured twice.
  const since = readFileSync(paths.events, "utf8").slice(events.length);
  expect(since).not.toContain('"type":"step"');
  expect(since.match(/"type":"evaluated"/g)).toHaveLength(2);
  const after = JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
  for (const old of before.adapted) expect(after.adapted).toContainEqual(old);
  expect(after.bestMeasured).toEqual(before.bestMeasured);
  expect(readStatus(paths)!.state).toBe("finished");
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

test("a split is replaced as a whole or not at all", async () => {
  const { split } = runPaths(temporaryFolder());
  writeFileSync(split, "old");
  const fail = () => Promise.reject(new Error("the disk is full"));
  await expect(replaceSplit(split, "new", fail)).rejects.toThrow("the disk is full");
  settleSplit(split, sha256("old"));
  expect(readFileSync(split, "utf8")).toBe("old");
  expect(existsSync(`${split}.next`)).toBe(false);
  writeFileSync(`${split}.next`, "new");
  settleSplit(split, sha256("new"));
  expect(readFileSync(split, "utf8")).toBe("new");
});
