import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultRunsFolder, findRun, findRunOrCheckpoint, runIds } from "../../src/cli/findRun";
import { temporaryFolder } from "../support/temporaryFolder";

const ids = ["20260101-120000-a", "20260101-130000-b", "20260202-120000-a"];

function runs(): string {
  return temporaryFolder({
    ...Object.fromEntries(ids.map((id) => [`${id}/config.json`, "{}"])),
    "not-a-run/notes.txt": "",
    [`${ids[0]!}/checkpoints/step-000002/adapter_config.json`]: "{}",
    "adapter/adapter_config.json": "{}",
  });
}

test("runs are listed from the newest to the oldest; other folders are none", () => {
  expect(runIds(runs())).toEqual([...ids].reverse());
  // A run of an experiment has a name that does not begin with the time.
  const created = (day: number) =>
    JSON.stringify({ run: { created: `2026-01-0${day}T00:00:00Z` } });
  const named = temporaryFolder({
    "b/config.json": created(1),
    "a/config.json": created(3),
    "c/config.json": created(2),
  });
  expect(runIds(named)).toEqual(["a", "c", "b"]);
  expect(runIds(join(temporaryFolder(), "nowhere"))).toEqual([]);
});

test("a run is found by its id, a unique beginning, its folder and as the latest", () => {
  const folder = runs();
  for (const written of [ids[1]!, "20260101-13", join(folder, ids[1]!)])
    expect(findRun(written, folder).folder).toBe(join(folder, ids[1]!));
  expect(findRun("latest", folder).folder).toBe(join(folder, ids[2]!));
});

test("what names no run, or several, is said with what there is", () => {
  const folder = runs();
  expect(() => findRun("20260101", folder)).toThrow(
    "20260101: 2 runs begin so (20260101-130000-b, 20260101-120000-a); write more of the id",
  );
  expect(() => findRun("2027", folder)).toThrow(
    `2027: there is no such run in ${folder}, the newest are 20260202-120000-a, 20260101-130000-b, 20260101-120000-a;`,
  );
  const empty = temporaryFolder();
  expect(() => findRun("latest", empty)).toThrow(
    `${empty}: there is no run yet; start one with \`glad train\``,
  );
});

test("a folder that holds a model, or no run, is told so by what it is", () => {
  const folder = runs();
  const models = temporaryFolder({
    "exported/config.json": '{ "model_type": "clip" }',
    "open/open_clip_config.json": "{}",
  });
  for (const name of ["exported", "open"])
    for (const find of [findRun, findRunOrCheckpoint])
      expect(() => find(join(models, name), folder)).toThrow(
        `${join(models, name)}: is a model and no run; \`glad zero-shot --set model=${join(models, name)}\` measures it`,
      );
  expect(() => findRun(models, folder)).toThrow(
    `${models}: is no run folder, which would hold the config.json of a run; \`glad runs\` lists those in ${folder}`,
  );
});

test("a checkpoint of a run is told from a run and from any other adapter", () => {
  const folder = runs();
  const checkpoint = join(folder, ids[0]!, "checkpoints/step-000002");
  expect(findRunOrCheckpoint(checkpoint)).toMatchObject({
    paths: { folder: join(folder, ids[0]!) },
    checkpoint,
  });
  expect(findRunOrCheckpoint(join(folder, ids[0]!)).checkpoint).toBeNull();
  expect(() => findRunOrCheckpoint(join(folder, "adapter"))).toThrow(
    /is an adapter outside a run folder/,
  );
});

test("the runs lie where glad.json says, and in .glad where it is missing or wrong", () => {
  const good = temporaryFolder({ "glad.json": '{ "data": {}, "output": "elsewhere" }' });
  expect(defaultRunsFolder(good)).toBe(join(good, "elsewhere/runs"));
  const bad = temporaryFolder({ "glad.json": '{ "outputs": "elsewhere" }' });
  expect(defaultRunsFolder(bad)).toBe(join(bad, ".glad/runs"));
  const none = temporaryFolder();
  expect(defaultRunsFolder(none)).toBe(join(none, ".glad/runs"));
});
