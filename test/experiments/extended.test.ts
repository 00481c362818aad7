import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEvents } from "../../src/protocol/readEvents";
import { runPaths } from "../../src/protocol/runFolder";
import { type Ended, glad } from "../support/glad";
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
  const config = {
    ...{ model: "clip", output: name, device: "cpu", threads: 1 },
    training: { steps: 3, batchSize: 4 },
  };
  const usual = { name, shots: [2], seeds: [1], methods: ["zero-shot", "lora"], config };
  writeFileSync(file, JSON.stringify({ ...usual, ...content }));
  return file;
}

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
  expect(status.stdout).toMatch(/photos +LoRA +0 of 1/);
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
    expect(fewer.stderr).toContain("2 runs, 2 of them finished or handed in before");
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

test("a data set that the table calls otherwise keeps its runs", async () => {
  const named = (set: object): string =>
    write("named", { protocol: "few-shot", datasets: [{ root: "photos", ...set }] });
  expect(await run(named({}))).toMatchObject({ code: 0 });
  const runs = runsOf("named");
  const file = named({ name: "Mine" });
  const { code, stderr } = await run(file);
  expect(code).toBe(0);
  expect(stderr).toContain("2 runs, 2 of them finished");
  expect(runsOf("named")).toEqual(runs);
  expect(await table(file)).toContain("Mine");
});

test("runs on images that were changed since are made again, and not put beside new ones", async () => {
  cpSync(join(folder, "photos"), join(folder, "growing"), { recursive: true });
  const of = (...methods: string[]): string =>
    write("stale", { protocol: "few-shot", datasets: [{ root: "growing" }], methods });
  expect(await run(of("zero-shot", "lora"))).toMatchObject({ code: 0 });
  const before = runsOf("stale");
  const old = await table(of("zero-shot", "lora"));
  cpSync(join(folder, "growing/test/cat"), join(folder, "growing/test/tiger"), { recursive: true });
  cpSync(join(folder, "growing/train/cat"), join(folder, "growing/train/tiger"), {
    recursive: true,
  });
  // The table holds for what was carried out.
  expect(await table(of("zero-shot", "lora"))).toBe(old);
  const file = of("zero-shot", "lora", "sam");
  const { code, stderr } = await run(file);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /growing: the images are others than those that 2 runs took; made again, and the old ones stay in \S+runs\n/,
  );
  const after = runsOf("stale");
  expect(after).toHaveLength(5);
  expect(after).toEqual(expect.arrayContaining(before));
  const { cells } = JSON.parse(
    readFileSync(join(folder, "stale/experiments/stale/experiment.json"), "utf8"),
  ) as { cells: { run: string }[] };
  expect(cells.map((cell) => cell.run).sort()).toEqual(after.filter((id) => !before.includes(id)));
  // As they are now, the images are those of the new runs; as they were, those of the old ones.
  expect((await run(file)).stderr).toContain("3 runs, 3 of them finished");
  for (const part of ["train", "test"])
    rmSync(join(folder, "growing", part, "tiger"), { recursive: true });
  const back = of("zero-shot", "lora");
  expect((await run(back)).stderr).toContain("2 runs, 2 of them finished");
  expect(await table(back)).toBe(old);
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

test.each([["日本語クラス"], ["照片 100% & co"], ["_under"], ["a".repeat(80)]])(
  "a folder may be called %s",
  async (name) => {
    cpSync(join(folder, "photos"), join(folder, name), { recursive: true });
    const output = `names-${name.length}`;
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
  },
);
