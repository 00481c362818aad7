import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openData } from "../../src/data/openData";
import { openFrozenData, parseSplitText, sha256, writeSplitFile } from "../../src/data/splitFile";
import { configSchema, type Config } from "../../src/protocol/config";
import { emptyImages, temporaryFolder, writeFiles } from "../support/temporaryFolder";

type Data = Config["data"];
const config = (root: string, data: Partial<Data> = {}) =>
  configSchema.parse({ data: { root, shots: 2, ...data } }).data;

const animals = () =>
  temporaryFolder({
    ...emptyImages("ant", 10),
    ...emptyImages("bee", 10),
    ...emptyImages("cow", 10),
  });
const message = (run: () => unknown, ...roots: string[]) => {
  try {
    run();
  } catch (error) {
    expect(error).toHaveProperty("name", "UserError");
    return roots.reduce((text, root) => text.replaceAll(root, "ROOT"), (error as Error).message);
  }
  return "nothing was thrown";
};

describe("opening the images of a run", () => {
  it("trains on the shots and measures all classes and validation", () => {
    const opened = openData(config(animals()), "all", 1);
    expect(opened.classNames).toEqual(["ant", "bee", "cow"]);
    expect(opened.train).toHaveLength(6);
    expect(opened.evaluations.map(({ split, samples }) => [split, samples.length])).toEqual([
      ["all", 9],
      ["val", 6],
    ]);
  });

  it("depends on the seed, but the test images do not", () => {
    const root = animals();
    const [one, again, two] = [1, 1, 2].map((seed) => openData(config(root), "all", seed));
    expect(one).toEqual(again);
    expect(two!.train).not.toEqual(one!.train);
    expect(two!.evaluations[0]).toEqual(one!.evaluations[0]);
  });

  it("halves the classes for base-to-novel", () => {
    const opened = openData(config(animals()), "base-to-novel", 1);
    expect(opened.classNames).toEqual(["ant", "bee"]);
    expect(opened.train.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
    expect(
      opened.evaluations.map(({ split, classNames, samples }) => [
        split,
        classNames,
        samples.length,
      ]),
    ).toEqual([
      ["base", ["ant", "bee"], 6],
      ["novel", ["cow"], 3],
      ["val", ["ant", "bee"], 4],
    ]);
    expect(opened.notes.at(-1)).toBe(
      'The split "novel" has a single class, "cow", so its accuracy is always 100%.',
    );
  });

  it("refuses more shots than a trained class has", () => {
    const root = animals();
    expect(message(() => openData(config(root, { shots: 6 }), "all", 1))).toMatchInlineSnapshot(
      `"data.shots: class "ant" has only 5 of the 6 training images asked for, and 2 other classes too few as well; set it to at most 5, or to null for all images; half of its images are kept for validation and test, which folders "train" and "test" of your own would change"`,
    );
    rmSync(join(root, "cow"), { recursive: true });
    writeFiles(root, emptyImages("cow", 2));
    // The novel class has too few, but it is not trained.
    expect(openData(config(root, { shots: 5 }), "base-to-novel", 1).train).toHaveLength(10);
  });

  it("refuses a novel class without test images", () => {
    const root = temporaryFolder({
      ...emptyImages("train/ant", 4),
      ...emptyImages("train/bee", 4),
      ...emptyImages("test/ant", 4),
    });
    expect(openData(config(root), "all", 1).evaluations[0]!.samples).toHaveLength(4);
    expect(message(() => openData(config(root), "base-to-novel", 1))).toMatchInlineSnapshot(
      `"there is no test image of the "novel" classes; add some, or choose another protocol"`,
    );
  });
});

describe("a list of training images", () => {
  const list = (lines: unknown[], name = "list.jsonl") =>
    join(temporaryFolder({ [name]: lines.map((line) => JSON.stringify(line)).join("\n") }), name);

  it("is taken as it stands, in any of the known forms", () => {
    const root = animals();
    const opened = openData(
      config(root, {
        list: list([
          { path: "bee/003.jpg", label: 1, name: "bee" },
          { impath: "/home/somebody/animals/ant/001.jpg", label: 0, classname: "Ant" },
          { _impath: "/data/animals/cow/001.jpg", _label: 2, _domain: -1, _classname: "cow" },
          ["cow/002.jpg", 2, "cow"],
          { path: "bee/003.jpg" },
          { path: "cow/001.jpg", split: "test" },
        ]),
      }),
      "all",
      1,
    );
    expect(opened.train.map(({ path, label }) => [path, label])).toEqual([
      ["bee/003.jpg", 1],
      ["ant/001.jpg", 0],
      ["cow/001.jpg", 2],
      ["cow/002.jpg", 2],
      ["bee/003.jpg", 1],
    ]);
    const measured = opened.evaluations.flatMap(({ samples }) => samples.map(({ path }) => path));
    expect(measured).not.toContain("bee/003.jpg");
  });

  it("brings its validation images in the same file, or in the one beside it", () => {
    const root = animals();
    const train = [{ path: "ant/001.jpg" }, { path: "bee/001.jpg" }];
    const val = [{ path: "ant/002.jpg", split: "val" }];
    const together = openData(config(root, { list: list([...train, ...val]) }), "all", 1);
    expect(together.val).toEqual([{ path: "ant/002.jpg", label: 0 }]);
    expect(together.notes.at(-2)).toMatch(
      /names up to 1 training image of a class where data\.shots is \d+; the list decides\.$/,
    );
    expect(together.notes.at(-1)).toMatch(/names no training image of 1 class: cow\.$/);
    const file = list(train, "shot_1-seed_1_train.jsonl");
    writeFileSync(file.replace("train", "val"), JSON.stringify({ path: "ant/002.jpg" }));
    expect(openData(config(root, { list: file }), "all", 1).val).toEqual(together.val);
  });

  it("may be what glad split prints, of a half with labels of its own", () => {
    const train = [
      { path: "cow/001.jpg", label: 0, name: "cow" },
      { path: "ant/001.jpg", label: 0, name: "ant" },
    ];
    const file = list([{ train, val: [{ path: "ant/003.jpg", label: 0, name: "ant" }], test: [] }]);
    const opened = openData(config(animals(), { list: file }), "base-to-novel", 1);
    expect(opened.train).toEqual([{ path: "ant/001.jpg", label: 0 }]);
    expect(opened.val).toEqual([{ path: "ant/003.jpg", label: 0 }]);
  });

  it.each([
    ["unknown images", [{ path: "ant/999.jpg" }]],
    ["another class's name", [{ path: "ant/001.jpg", label: 0, name: "bee" }]],
    ["another class's label", [{ path: "ant/001.jpg", label: 1 }]],
    ["no path", [{ label: 1 }]],
    ["nothing", []],
    [
      "validation images that train",
      [{ path: "ant/001.jpg" }, { path: "ant/001.jpg", split: "val" }],
    ],
  ])("must not name %s", (_, lines) => {
    const root = animals();
    const file = list(lines);
    const text = message(() => openData(config(root, { list: file }), "all", 1), root);
    expect(text.replaceAll(file, "LIST")).toMatchSnapshot();
  });

  it("must not name the user's own test images, nor only novel ones", () => {
    const root = temporaryFolder({
      ...emptyImages("train/ant", 4),
      ...emptyImages("train/bee", 4),
      ...emptyImages("test/ant", 4),
      ...emptyImages("test/bee", 4),
    });
    const leak = list([{ path: "test/bee/001.jpg" }]);
    expect(message(() => openData(config(root, { list: leak }), "all", 1), leak)).toBe(
      "ROOT: 1 image of the test among the listed ones: test/bee/001.jpg",
    );
    const novel = list([{ path: "train/bee/001.jpg" }]);
    expect(message(() => openData(config(root, { list: novel }), "base-to-novel", 1), novel)).toBe(
      "data.list: ROOT names no image of a base class, so none is left to train on",
    );
    expect(message(() => openData(config(root, { list: "/none.jsonl" }), "all", 1))).toBe(
      "/none.jsonl: the list of training images (data.list) does not exist",
    );
    expect(message(() => openData(config(root, { list: "/{folder}/x.jsonl" }), "all", 1))).toBe(
      "/{folder}/x.jsonl: the list of training images (data.list) does not exist; {folder} stands for the data set's folder in experiment files only; write that out here",
    );
  });
});

describe("the frozen split", () => {
  const frozen = (data: ReturnType<typeof config>, splitHash: string) => ({
    ...{ data, evaluation: { targets: [] }, run: { splitHash } },
  });

  it.each(["all", "base-to-novel"] as const)("of %s is read as it was written", (protocol) => {
    const root = animals();
    const data = config(root);
    const opened = openData(data, protocol, 3);
    const file = join(temporaryFolder(), "split.jsonl");
    const hash = writeSplitFile(file, opened);
    expect(readdirSync(join(file, ".."))).toEqual(["split.jsonl"]);
    expect(hash).toBe(sha256(readFileSync(file, "utf8")));
    expect(openFrozenData(frozen(data, hash), file)).toEqual({ ...opened, notes: [] });
    expect(readFileSync(file, "utf8").split("\n")[0]).toBe(
      JSON.stringify({ split: "train", ...opened.train[0], name: "ant" }),
    );
  });

  it("does not change when images are added, and misses those that are gone", () => {
    const root = animals();
    const data = config(root);
    const file = join(temporaryFolder(), "split.jsonl");
    const opened = openData(data, "all", 1);
    const stated = frozen(data, writeSplitFile(file, opened));
    writeFiles(root, emptyImages("ant", 20));
    expect(openFrozenData(stated, file).train).toEqual(opened.train);
    for (const { path } of opened.train.slice(0, 2)) rmSync(join(root, path));
    expect(message(() => openFrozenData(stated, file), root, file)).toMatch(
      /^ROOT: 2 images of the run missing below ROOT: ant\/\d+\.jpg, ant\/\d+\.jpg; put them back to resume$/,
    );
    // A run that was measured on all that it has needs none of them any more.
    const measured = new Set(["all", "val"]);
    expect(openFrozenData(stated, file, measured).evaluations).toEqual([]);
  });

  const line = (split: string, path: string, label: number, name: string) =>
    JSON.stringify({ split, path, label, name }) + "\n";
  it.each([
    ["a hole", line("train", "a.jpg", 1, "ant") + line("all", "b.jpg", 1, "ant")],
    ["two names", line("train", "a.jpg", 0, "ant") + line("all", "b.jpg", 0, "bee")],
    ["no test", line("train", "a.jpg", 0, "ant")],
    ["a path upwards", line("train", "../a.jpg", 0, "ant")],
  ])("must not have %s", (_, text) => {
    expect(message(() => parseSplitText(text, "split.jsonl", "/images"))).toMatchSnapshot();
  });

  it("must not end within a line", () => {
    const text = line("train", "a.jpg", 0, "ant").slice(0, 20);
    expect(message(() => parseSplitText(text, "split.jsonl", "/images"))).toMatch(
      /^split\.jsonl, line 1: is not valid JSON/,
    );
  });
});
