import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queueFolder, queuePaths } from "../../src/executors/queueStore";
import { queueHolder } from "../../src/executors/runQueue";
import type { ExperimentStatus } from "../../src/protocol/experimentStatus";
import { readEvents } from "../../src/protocol/readEvents";
import { runPaths } from "../../src/protocol/runFolder";
import { readStatus } from "../../src/protocol/status";
import { type Ended, glad, until } from "../support/glad";
import { writeMiniature } from "../support/miniatures";
import { writeTinyClip } from "../support/tinyClip";
import { writePictures } from "../support/tinyRun";

/** Experiments whose files or images are changed when they were carried out: what is there is not trained again, nor taken for what it is not. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glad-test-"));
  await writeTinyClip(join(folder, "clip"));
  for (const name of ["photos", "drawings", "night"]) await writePictures(join(folder, name), 3);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an experiment with runs in a folder of its own. */
function write(name: string, content: object): string {
  const file = join(folder, `${name}.experiment.json`);
  const plain = { name, shots: [2], seeds: [1], methods: ["zero-shot", "lora"] };
  writeFileSync(file, JSON.stringify({ ...plain, config: usual(name), ...content }));
  return file;
}

const usual = (output: string) => ({
  ...{ model: "clip", output, device: "cpu", threads: 1 },
  training: { steps: 3, batchSize: 4 },
});

const run = (file: string): Promise<Ended> => glad(folder, "experiment", "run", file);
const table = async (file: string): Promise<string> =>
  (await glad(folder, "experiment", "table", file, "--format", "csv")).stdout;
const runsOf = (name: string): string[] => readdirSync(join(folder, name, "runs")).sort();
const pathsOf = (name: string, id: string) => runPaths(join(folder, name, "runs", id));
const loraOf = (name: string): string => runsOf(name).find((id) => id.includes("-lora-"))!;
const stepsOf = (name: string, id: string): number =>
  readEvents(pathsOf(name, id).events).filter(({ type }) => type === "step").length;
const adapterOf = (name: string, id: string): Buffer =>
  readFileSync(join(pathsOf(name, id).checkpoints, "step-000003/adapter_model.safetensors"));

test("targets are added, taken away and put in another order without training again", async () => {
  const own = (...targets: string[]): string =>
    write("targets", {
      protocol: "own",
      source: { root: "photos" },
      targets: targets.map((root) => ({ root })),
    });
  expect(await run(own("drawings"))).toMatchObject({ code: 0 });
  const [runs, lora] = [runsOf("targets"), loraOf("targets")];
  const adapter = adapterOf("targets", lora);

  const file = own("drawings", "night");
  const status = await glad(folder, "experiment", "status", file);
  expect(status.stdout).toMatch(/photos +LoRA +0 of 1 +1 only to be measured +66%/);
  expect(status.stdout).toMatch(
    /2 runs +finished: is to be measured on more data sets\n +`glad experiment run \S+` goes on with what is\s+left\n/,
  );
  // What is known is told meanwhile.
  expect(await table(file)).toMatch(/LoRA,measured,drawings,\d/);
  const more = await run(file);
  expect(more).toMatchObject({ code: 0 });
  expect(more.stderr).toContain("night: 2 runs made before are measured on it as well\n");
  expect(runsOf("targets")).toEqual(runs);
  expect(stepsOf("targets", lora)).toBe(3);
  expect(adapterOf("targets", lora)).toEqual(adapter);
  const whole = await table(file);
  expect(whole).toMatch(/Zero-shot,measured,night,\d/);
  expect(whole).toMatch(/LoRA,measured,night,\d/);

  for (const targets of [["night"], ["night", "drawings"]]) {
    const fewer = await run(own(...targets));
    expect(fewer).toMatchObject({ code: 0 });
    expect(fewer.stderr).toContain("2 runs: 2 finished before");
  }
  expect(runsOf("targets")).toEqual(runs);

  // Another folder by a name that the runs know is another data set: they keep theirs.
  const renamed = write("targets", {
    protocol: "own",
    source: { root: "photos" },
    targets: [{ root: "drawings", name: "night" }],
  });
  expect(await run(renamed)).toMatchObject({ code: 0 });
  expect(runsOf("targets")).toHaveLength(2 * runs.length);
});

test("another protocol measures the same training on its targets", async () => {
  const few = { protocol: "few-shot", datasets: [{ root: "photos" }] };
  expect(await run(write("first", few))).toMatchObject({ code: 0 });
  const own = { protocol: "own", source: { root: "photos" }, targets: [{ root: "night" }] };
  const file = write("first", { ...own, name: "second" });
  expect(await run(file)).toMatchObject({ code: 0 });
  expect(runsOf("first")).toHaveLength(2);
  expect(await table(file)).toMatch(/LoRA,measured,night,\d/);
});

test("what is measured on more keeps its place in every table, whatever comes of that", async () => {
  const shared = { config: { ...usual("kept"), device: "cpu" } };
  const few = write("kept", { protocol: "few-shot", datasets: [{ root: "photos" }], ...shared });
  expect(await run(few)).toMatchObject({ code: 0 });
  const before = await table(few);
  await writePictures(join(folder, "bad"), 1);
  writeFileSync(join(folder, "bad/test/cat/test-0.png"), "no image");
  const own = (root: string): string =>
    write("other", {
      ...{ protocol: "own", source: { root: "photos" }, targets: [{ root }] },
      ...shared,
    });
  const failed = await run(own("bad"));
  expect(failed.code).toBe(2);
  expect(failed.stderr).toMatch(/failed: .*test-0\.png/);
  expect(await table(few)).toBe(before);
  expect(await run(few)).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining("no result") as string,
  });
  const good = await run(own("night"));
  expect(good.code).toBe(0);
  expect(await table(own("night"))).toMatch(/LoRA,measured,night,\d/);
  expect(await table(few)).toBe(before);
  expect(runsOf("kept")).toHaveLength(2);
  expect(stepsOf("kept", loraOf("kept"))).toBe(3);
});

test("a run that lost the checkpoint which it ended with is not trained on, but made again", async () => {
  const own = (...targets: string[]): string =>
    write("lost", {
      ...{ protocol: "own", source: { root: "photos" }, methods: ["lora"] },
      targets: targets.map((root) => ({ root })),
    });
  expect(await run(own("drawings"))).toMatchObject({ code: 0 });
  const lora = loraOf("lost");
  rmSync(pathsOf("lost", lora).checkpoints, { recursive: true });
  const events = readFileSync(pathsOf("lost", lora).events, "utf8");
  // It can be told of, but not be measured on more.
  expect((await run(own("drawings"))).stderr).toContain("1 run: 1 finished before");
  const { code, stderr } = await run(own("drawings", "night"));
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /photos: the last checkpoint, which is to be measured on more, is not there any more; 1 run is made again, and the old one stays in /,
  );
  expect(readFileSync(pathsOf("lost", lora).events, "utf8")).toBe(events);
  expect(runsOf("lost")).toHaveLength(2);
});

test("a published target is the same wherever it lies; a folder that changed is named", async () => {
  const image = readFileSync(join(folder, "photos/test/cat/test-0.png"));
  writeMiniature(join(folder, "here"), "dtd", "CoOp", () => image);
  cpSync(join(folder, "drawings"), join(folder, "sketches"), { recursive: true });
  const own = (root: string): string =>
    write("moved", {
      ...{ protocol: "own", source: { root: "photos" }, methods: ["lora"] },
      targets: [{ dataset: "dtd", root }, { root: "sketches" }],
    });
  expect(await run(own("here"))).toMatchObject({ code: 0 });
  renameSync(join(folder, "here"), join(folder, "there"));
  expect((await run(own("there"))).stderr).toContain("1 run: 1 finished before");
  rmSync(join(folder, "sketches/test/cat/test-0.png"));
  expect((await run(own("there"))).stderr).toMatch(
    /sketches: the images are others than those that were taken; 1 run is made again/,
  );
});

test("a data set that the table calls otherwise keeps its runs", async () => {
  const named = (set: object): string =>
    write("named", { protocol: "few-shot", datasets: [{ root: "photos", ...set }] });
  expect(await run(named({}))).toMatchObject({ code: 0 });
  const runs = runsOf("named");
  const file = named({ name: "Mine" });
  const { code, stderr } = await run(file);
  expect(code).toBe(0);
  expect(stderr).toContain("2 runs: 2 finished before");
  expect(runsOf("named")).toEqual(runs);
  expect(await table(file)).toContain("Mine");
});

test("runs on images that were changed since are made again, and not put beside new ones", async () => {
  // In the names of runs and splits it is called otherwise.
  const own = "育つ & co";
  cpSync(join(folder, "photos"), join(folder, own), { recursive: true });
  const of = (...methods: string[]): string =>
    write("stale", { protocol: "few-shot", datasets: [{ root: own }], methods });
  const check = (): Promise<Ended> => glad(folder, "experiment", "check", of("zero-shot", "lora"));
  expect(await run(of("zero-shot", "lora"))).toMatchObject({ code: 0 });
  const status = async (file: string): Promise<string[] | null> => {
    const { stdout } = await glad(folder, "experiment", "status", file, "--json");
    return (JSON.parse(stdout) as ExperimentStatus).stale;
  };
  expect(await status(of("zero-shot", "lora"))).toEqual([]);
  const before = runsOf("stale");
  const old = await table(of("zero-shot", "lora"));
  expect((await check()).stdout).toMatch(/^\S+: nothing is wrong\n$/);
  for (const part of ["test", "train"])
    cpSync(join(folder, own, part, "cat"), join(folder, own, part, "tiger"), { recursive: true });
  const told = await check();
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(
    /, line 1: note: 育つ & co: the images are others than those that were taken; 2 runs are made again when the experiment is run, and the old ones stay in \S+runs\n\S+: nothing is wrong\n$/,
  );
  const found = await glad(folder, "experiment", "check", of("lora"), "--json");
  expect(JSON.parse(found.stdout)).toMatchObject([
    { setting: "datasets.0", state: "note", ofStaleRuns: true },
  ]);
  const others =
    /育つ & co: the images are others than those that were taken; 2 runs are made again when the experiment is run/;
  expect(await status(of("zero-shot", "lora"))).toEqual([expect.stringMatching(others)]);
  const shown = await glad(folder, "experiment", "status", of("zero-shot", "lora"));
  expect(shown.stdout.replace(/\s+/g, " ")).toMatch(others);
  // Where runs are left it is told by whoever makes them.
  expect(await status(of("zero-shot", "lora", "sam"))).toBeNull();
  // The table holds for what was carried out.
  expect(await table(of("zero-shot", "lora"))).toBe(old);
  const file = of("zero-shot", "lora", "sam");
  const { code, stderr } = await run(file);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^育つ & co: the images are others than those that were taken; 2 runs are made again, and the old ones stay in \S+runs\n/m,
  );
  const after = runsOf("stale");
  expect(after).toHaveLength(5);
  expect(after).toEqual(expect.arrayContaining(before));
  const { cells } = JSON.parse(
    readFileSync(join(folder, "stale/experiments/stale/experiment.json"), "utf8"),
  ) as { cells: { run: string }[] };
  expect(cells.map((cell) => cell.run).sort()).toEqual(after.filter((id) => !before.includes(id)));
  // As they are now, the images are those of the new runs; as they were, those of the old ones.
  expect((await run(file)).stderr).toContain("3 runs: 3 finished before");
  for (const part of ["train", "test"])
    rmSync(join(folder, own, part, "tiger"), { recursive: true });
  const back = of("zero-shot", "lora");
  expect((await run(back)).stderr).toContain("2 runs: 2 finished before");
  expect(await table(back)).toBe(old);
});

test("images that cannot be decoded and are left out are no others; those that can be are", async () => {
  cpSync(join(folder, "photos"), join(folder, "mixed"), { recursive: true });
  writeFileSync(join(folder, "mixed/test/cat/broken.png"), "no image");
  const file = write("skipping", {
    ...{ protocol: "few-shot", datasets: [{ root: "mixed" }], methods: ["lora"] },
    config: { ...usual("skipping"), data: { skipUnreadable: true } },
  });
  expect(await run(file)).toMatchObject({ code: 0 });
  expect((await run(file)).stderr).toContain("1 run: 1 finished before");
  cpSync(join(folder, "mixed/test/dog/test-0.png"), join(folder, "mixed/test/dog/more.png"));
  expect((await run(file)).stderr).toMatch(/mixed: the images are others .* 1 run is made again/);
});

test("another list is another draw", async () => {
  const list = (index: number): string =>
    ["cat", "dog", "bird", "car"]
      .map((name) => JSON.stringify({ split: "train", path: `train/${name}/train-${index}.png` }))
      .join("\n");
  writeFileSync(join(folder, "list.jsonl"), list(0));
  const file = write("listed", {
    protocol: "few-shot",
    ...{ datasets: [{ root: "photos" }], shots: [1], methods: ["lora"] },
    config: {
      ...{ model: "clip", output: "listed", device: "cpu", data: { list: "list.jsonl" } },
      training: { steps: 1, batchSize: 4 },
    },
  });
  expect(await run(file)).toMatchObject({ code: 0 });
  writeFileSync(join(folder, "list.jsonl"), list(1));
  expect(await run(file)).toMatchObject({ code: 0 });
  expect(runsOf("listed")).toHaveLength(2);
});

test.each(
  ["日本語クラス", "照片 100% & co", "_under", "a".repeat(80)].map((name, i) => [name, i] as const),
)("a folder may be called %s", async (name, i) => {
  cpSync(join(folder, "photos"), join(folder, name), { recursive: true });
  const output = `names-${i}`;
  const file = write(output, {
    ...{ protocol: "own", source: { root: name }, targets: [{ root: "night" }] },
    methods: ["lora"],
  });
  expect(await glad(folder, "experiment", "check", file)).toMatchObject({ code: 0 });
  const { code, stdout } = await run(file);
  expect(code).toBe(0);
  expect(stdout).toContain(`Trained on ${name}`);
  const swapped = write(output, {
    ...{ protocol: "own", source: { root: "night" }, targets: [{ root: name }] },
    methods: ["lora"],
  });
  expect(await run(swapped)).toMatchObject({ code: 0 });
});

test("what a file no longer asks for is taken back when it is run again", async () => {
  const long = { config: { ...usual("edited"), training: { steps: 100_000, batchSize: 4 } } };
  const of = (...seeds: number[]): string =>
    write("edited", {
      ...{ protocol: "few-shot", datasets: [{ root: "photos" }], methods: ["lora"], seeds },
      ...long,
    });
  expect((await glad(folder, "experiment", "run", of(1), "--detach")).code).toBe(0);
  const first = loraOf("edited");
  await until(() => stepsOf("edited", first) > 2, "steps");
  const next = await glad(folder, "experiment", "run", of(2), "--detach", "--json");
  expect(next.stderr).toContain("1 run that the file no longer asks for is taken back\n");
  expect(JSON.parse(next.stdout)).toEqual({
    notes: ["1 run that the file no longer asks for is taken back"],
  });
  await until(() => readStatus(pathsOf("edited", first))!.state === "stopped", "the stop");
  expect((await glad(folder, "experiment", "stop", of(2))).code).toBe(0);
  const paths = queuePaths(queueFolder(join(folder, "edited")));
  await until(() => queueHolder(paths) === null, "the queue's end");
});
