import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeHalf } from "../../src/data/baseNovel";
import type { SamplingOrder } from "../../src/data/fewShot";
import { openData, openTest, sampleShots } from "../../src/data/openData";
import { readData } from "../../src/data/readData";
import type { DataSet } from "../../src/data/sets/dataSet";
import { dataSets, findDataSet, shiftedSets, trainedSets } from "../../src/data/sets/index";
import type { Sample } from "../../src/data/types";
import { configSchema } from "../../src/protocol/config";
import { miniatures, writeMiniature } from "../support/miniatures";
import { sharedData } from "../support/sharedData";
import { temporaryFolder } from "../support/temporaryFolder";

type Part = "train" | "val" | "test";
type Digests = Partial<Record<Part, string>>;
interface Expected {
  counts: Record<Part, number>;
  names: string[];
  whole: Record<Part, string>;
  cases: {
    order: SamplingOrder;
    seed: number;
    shots: number;
    all: Digests;
    base: Digests;
    novel: Digests;
  }[];
}

const { sets } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/loaders.json"), "utf8"),
) as { sets: Record<string, Expected> };

const digest = (samples: Sample[], names: string[]) => {
  const lines = samples.map(({ path, label }) => `${path}\t${label}\t${names[label]!}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex").slice(0, 16);
};
const digests = (data: Record<Part, Sample[]> & { sourceNames: string[] }, expected: Digests) =>
  Object.fromEntries(
    (Object.keys(expected) as Part[]).map((part) => [part, digest(data[part], data.sourceNames)]),
  );
const message = (run: () => unknown, root: string) => {
  try {
    run();
  } catch (error) {
    expect(error).toHaveProperty("name", "UserError");
    return (error as Error).message.replaceAll(root, "ROOT");
  }
  return "nothing was thrown";
};

describe.each(dataSets.map(({ name }) => name))("%s", (dataset) => {
  const expected = sets[dataset]!;

  it("is read and sampled as CoOp's and CLIP-LoRA's code do", () => {
    const root = temporaryFolder();
    writeMiniature(root, dataset);
    const whole = readData({ root, dataset });
    const { value } = whole;
    expect(value.sourceNames).toEqual(expected.names);
    expect(value.classNames).toEqual(expected.names.map((name) => name.replaceAll("_", " ")));
    const counts = { train: value.train.length, val: value.val.length, test: value.test.length };
    expect(counts).toEqual(expected.counts);
    expect(digests(value, expected.whole)).toEqual(expected.whole);
    const labels = value.classNames.map((_, label) => label);
    for (const each of expected.cases) {
      const sampled = sampleShots(whole, each, labels, false).value;
      expect(digests(sampled, each.all), JSON.stringify(each)).toEqual(each.all);
      for (const half of ["base", "novel"] as const) {
        expect(digests(takeHalf(sampled, half), each[half])).toEqual(each[half]);
      }
    }
  });

  it("says in which layout it was found; what it reads does not depend on that", () => {
    const notes = (root: string) => {
      const { value, notes } = readData({ root, dataset });
      expect(digests(value, expected.whole)).toEqual(expected.whole);
      return notes[0]!.replace(root, "ROOT");
    };
    const { title } = findDataSet(dataset);
    const [coop, clipLora] = miniatures[dataset]!.folders;
    const root = temporaryFolder();
    const folder = writeMiniature(root, dataset);
    const both = coop === clipLora && dataset !== "imagenet";
    const first = both ? "the layout of CoOp and of CLIP-LoRA" : "CoOp's layout";
    expect(notes(root)).toBe(`${title} is read from ROOT/${coop} (${first}).`);
    if (clipLora !== null && !both) {
      const other = temporaryFolder();
      writeMiniature(other, dataset, "CLIP-LoRA");
      expect(notes(other)).toBe(`${title} is read from ROOT/${clipLora} (CLIP-LoRA's layout).`);
    }
    // A link of another name is the data set's folder itself, whatever it leads to.
    const link = join(temporaryFolder(), "mine");
    symlinkSync(folder, link);
    expect(notes(link)).toMatch(/ is read from ROOT \(/);
    const capital = temporaryFolder();
    renameSync(folder, join(capital, coop.toUpperCase()));
    expect(notes(capital)).toContain(`ROOT/${coop.toUpperCase()}`);
  });

  it("has a template, a title and links, and goes by its folder's name", () => {
    const set = findDataSet(dataset);
    expect(set.template).toContain("{}");
    expect(set.downloads.length).toBeGreaterThan(0);
    for (const { url } of set.downloads) expect(url).toMatch(/^https?:\/\//);
    for (const { folder } of set.layouts) expect(findDataSet(folder)).toBe(set);
    expect(findDataSet(set.title)).toBe(set);
  });
});

it("eleven data sets train and four measure shift; the published splits add up to the official images", () => {
  expect(dataSets).toEqual([...trainedSets, ...shiftedSets]);
  expect(shiftedSets.every(({ published: { train, val } }) => train + val === 0)).toBe(true);
  // SUN397 is its first partition: 50 images of a class to train on and 50 to test with.
  const official = {
    caltech101: 8242,
    oxfordpets: 7349,
    stanfordcars: 16185,
    flowers102: 8189,
    food101: 101000,
    fgvcaircraft: 10000,
    sun397: 39700,
    dtd: 5640,
    eurosat: 27000,
    ucf101: 13320,
  };
  const total = ({ published: { train, val, test } }: DataSet) => train + val + test;
  expect(Object.fromEntries(trainedSets.slice(1).map((set) => [set.name, total(set)]))).toEqual(
    official,
  );
});

describe("ImageNet", () => {
  const root = () => {
    const folder = temporaryFolder();
    writeMiniature(folder, "imagenet");
    return folder;
  };
  const config = (folder: string, data = {}) =>
    configSchema.parse({ data: { root: folder, dataset: "imagenet", shots: 16, ...data } }).data;

  it("has no validation images apart from its test images in CoOp's order", () => {
    const opened = openData(config(root()), "base-to-novel", 1);
    expect(opened.val).toEqual([]);
    expect(opened.evaluations.map(({ split, samples }) => [split, samples.length])).toEqual([
      ["base", 18],
      ["novel", 18],
    ]);
    expect(opened.notes.at(-1)).toBe(
      "The published validation images are the test images, so none validate.",
    );
  });

  it("validates on training images in CLIP-LoRA's order", () => {
    const opened = openData(config(root(), { order: "clip-lora" }), "all", 1);
    expect([opened.train.length, opened.val.length]).toEqual([12 * 16, 12 * 4]);
    const all = [...opened.train, ...opened.val].map(({ path }) => path);
    expect(new Set(all).size).toBe(12 * 20);
    expect(all.every((path) => path.startsWith("train/"))).toBe(true);
  });

  it("must have enough images for both", () => {
    const folder = root();
    const shots = (shots: number, order = "clip-lora") =>
      message(() => openData(config(folder, { order, shots }), "base-to-novel", 1), folder);
    expect(shots(20)).toBe("nothing was thrown");
    expect(shots(21)).toMatchInlineSnapshot(
      `"data.shots: class "tench" has only 24 of the 25 training images asked for, and 11 other classes too few as well; CLIP-LoRA's order takes 4 of them to validate on, so take fewer shots, or set data.order to "coop""`,
    );
    expect(shots(24, "coop")).toBe("nothing was thrown");
  });

  it("keeps classes of one name apart", () => {
    const { classNames, test } = readData({ root: root(), dataset: "imagenet" }).value;
    expect(classNames.filter((name) => name === "missile")).toHaveLength(2);
    expect(new Set(test.map(({ label }) => label)).size).toBe(12);
  });

  it.each<[string, (folder: string) => void]>([
    [
      "a class that only trains",
      (folder) => rmSync(join(folder, "images/val/n01440764"), { recursive: true }),
    ],
    [
      "a folder of an unknown class",
      (folder) =>
        renameSync(join(folder, "images/val/n01440764"), join(folder, "images/val/n99999999")),
    ],
    ["validation images that are not in class folders", flatten],
    ["no class names", (folder) => rmSync(join(folder, "classnames.txt"))],
    [
      "a web page for class names",
      (folder) => writeFileSync(join(folder, "classnames.txt"), "<html></html>"),
    ],
    [
      "a line without a name",
      (folder) => writeFileSync(join(folder, "classnames.txt"), "n01440764 tench\nn01443537\n"),
    ],
    [
      "a class named twice",
      (folder) =>
        writeFileSync(join(folder, "classnames.txt"), "n01440764 tench\nn01440764 tench\n"),
    ],
    ["no training images", (folder) => rmSync(join(folder, "images/train"), { recursive: true })],
    [
      "an empty class",
      (folder) => {
        rmSync(join(folder, "images/train/n01440764"), { recursive: true });
        symlinkSync(temporaryFolder(), join(folder, "images/train/n01440764"));
      },
    ],
  ])("must not have %s", (_, spoil) => {
    const folder = root();
    spoil(join(folder, "imagenet"));
    expect(
      message(() => readData({ root: folder, dataset: "imagenet" }), folder),
    ).toMatchSnapshot();
  });

  function flatten(folder: string) {
    rmSync(join(folder, "images/val"), { recursive: true });
    symlinkSync(join(folder, "images/train/n01440764"), join(folder, "images/val"));
  }
});

describe("data sets without training images", () => {
  it.each(shiftedSets.map(({ name }) => name))(
    "%s cannot be trained on, only measured",
    (dataset) => {
      const root = temporaryFolder();
      writeMiniature(root, dataset);
      const { data } = configSchema.parse({ data: { root, dataset } });
      expect(message(() => openData(data, "all", 1), root)).toBe(
        `data.dataset: "${dataset}" has test images only, so nothing can be trained on it; train on another data set, e.g. "imagenet", and measure on this one`,
      );
      const opened = openTest(data, "all");
      expect([opened.train, opened.val]).toEqual([[], []]);
      expect(opened.evaluations).toHaveLength(1);
      expect(opened.evaluations[0]!.samples).toHaveLength(sets[dataset]!.counts.test);
      expect(opened.classNames).toHaveLength(sets[dataset]!.names.length);
    },
  );

  it("may take ImageNet's class names from the folder beside them", () => {
    const root = temporaryFolder();
    writeMiniature(root, "imagenet");
    rmSync(join(writeMiniature(root, "imagenet-a"), "classnames.txt"));
    expect(readData({ root, dataset: "imagenet-a" }).value.sourceNames).toEqual(
      sets["imagenet-a"]!.names,
    );
  });

  it("number ImageNetV2's folders without a gap", () => {
    const root = temporaryFolder();
    const images = join(
      writeMiniature(root, "imagenetv2"),
      "imagenetv2-matched-frequency-format-val",
    );
    const read = () => message(() => readData({ root, dataset: "imagenetv2" }), root);
    symlinkSync(join(images, "0"), join(images, "12"));
    expect(read()).toMatchInlineSnapshot(
      `"ROOT/imagenetv2/imagenetv2-matched-frequency-format-val: 1 folder of another name: 12; expected "0" to "11", one for each line of ROOT/imagenetv2/classnames.txt"`,
    );
    rmSync(join(images, "10"), { recursive: true });
    expect(read()).toMatchInlineSnapshot(
      `"ROOT/imagenetv2/imagenetv2-matched-frequency-format-val: 1 class folder missing: 10; expected "0" to "11", one for each line of ROOT/imagenetv2/classnames.txt"`,
    );
  });
});

describe("FGVC-Aircraft", () => {
  it.each<[string, string, (text: string) => string]>([
    [
      "a variant that is not in the list",
      "images_variant_val.txt",
      (text) => text.replace("F-16A/B", "F-16C"),
    ],
    ["a line without a variant", "images_variant_val.txt", (text) => text + "0123456\n"],
    ["an image in two lists", "images_variant_test.txt", (text) => text + "TRAIN"],
    ["a variant that nothing trains", "variants.txt", (text) => text + "Zeppelin\n"],
    ["a variant named twice", "variants.txt", (text) => text + "707-320\n"],
  ])("must not have %s", (_, name, spoil) => {
    const root = temporaryFolder();
    const folder = writeMiniature(root, "fgvcaircraft");
    const file = join(folder, name);
    const [first] = readFileSync(join(folder, "images_variant_train.txt"), "utf8").split("\n");
    writeFileSync(file, spoil(readFileSync(file, "utf8")).replace("TRAIN", first!));
    expect(message(() => readData({ root, dataset: "fgvc" }), root)).toMatchSnapshot();
  });
});

const caltech = sharedData("caltech-101", "published counts of the real Caltech-101");
it.runIf(caltech)("the real Caltech-101 has the published counts and names", () => {
  const set = findDataSet("caltech101");
  const { value } = readData({ root: caltech!, dataset: "caltech101" });
  const { train, val, test, sourceNames } = value;
  expect({
    classes: sourceNames.length,
    train: train.length,
    val: val.length,
    test: test.length,
  }).toEqual(set.published);
  const rule = set.nameRule(caltech!)!;
  for (const { path, label } of [...train, ...val, ...test]) {
    const name = sourceNames[label]!;
    expect(rule({ path, label, name })).toBe(name);
  }
});
