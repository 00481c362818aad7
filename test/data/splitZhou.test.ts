import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { locateDataSet } from "../../src/data/locate";
import { readData } from "../../src/data/readData";
import { caltech101 } from "../../src/data/sets/caltech101";
import { parseSplitZhou } from "../../src/data/splitZhou";
import { temporaryFolder, writeFiles } from "../support/temporaryFolder";

type Entry = [unknown, unknown, unknown];
type Lists = Record<string, Entry[]>;

const splitFile = "split_zhou_Caltech101.json";
/** Labels first appear out of order, and one class is not in every list. */
const good = (): Lists => ({
  train: [
    ["b/2.jpg", 1, "sea_horse"],
    ["a/9.jpg", 0, "ant"],
    ["b/1.jpg", 1, "sea_horse"],
  ],
  val: [["a/2.jpg", 0, "ant"]],
  test: [
    ["a/4.jpg", 0, "ant"],
    ["b/5.jpg", 1, "sea_horse"],
  ],
});

describe("a split file", () => {
  const parse = (change: (lists: Lists) => void) => {
    const lists = good();
    change(lists);
    return parseSplitZhou(JSON.stringify(lists), "split.json", "download it");
  };

  it("keeps the order of the lists and both spellings of the names", () => {
    const split = parse(() => {});
    expect(split.train).toEqual([
      { path: "b/2.jpg", label: 1 },
      { path: "a/9.jpg", label: 0 },
      { path: "b/1.jpg", label: 1 },
    ]);
    expect(split.classNames).toEqual(["ant", "sea horse"]);
    expect(split.sourceNames).toEqual(["ant", "sea_horse"]);
  });

  it("may repeat an image within a list", () => {
    expect(parse((lists) => lists.train!.push(["a/9.jpg", 0, "ant"])).train).toHaveLength(4);
  });

  const wrong: [string, (lists: Lists) => void, string][] = [
    [
      "labels with a hole",
      (lists) => lists.test!.push(["c/1.jpg", 4, "crab"]),
      "split.json: labels must be 0 to 4 without holes, but 2 of them have no image, first 2",
    ],
    [
      "a label without images",
      (lists) => lists.test!.push(["c/1.jpg", 3, "crab"]),
      "split.json: labels must be 0 to 3 without holes, but 2 has no image",
    ],
    [
      "two names of a label",
      (lists) => lists.test!.push(["c/1.jpg", 1, "crab"]),
      'split.json: test[2] gives label 1 the name "crab", but it was "sea_horse" before',
    ],
    [
      "an image in two lists",
      (lists) => lists.test!.push(["b/2.jpg", 1, "sea_horse"], ["a//9.jpg", 0, "ant"]),
      'split.json: 2 images in more than one list, first in "train" and "test" (leakage between training and test): b/2.jpg, a//9.jpg',
    ],
    [
      "an image of two classes",
      (lists) => lists.train!.push(["b/2.jpg", 0, "ant"]),
      'split.json: "b/2.jpg" is in "train" twice, with labels 1 and 0',
    ],
    [
      "an absolute path",
      (lists) => lists.val!.push(["/etc/passwd", 0, "ant"]),
      'split.json: val[1] has the path "/etc/passwd", which leaves the image root; paths must be relative and without ".."',
    ],
    [
      "a path upwards",
      (lists) => lists.val!.push(["a/../../x.jpg", 0, "ant"]),
      'split.json: val[1] has the path "a/../../x.jpg", which leaves the image root; paths must be relative and without ".."',
    ],
    [
      "a path of Windows",
      (lists) => lists.val!.push(["C:\\x.jpg", 0, "ant"]),
      'split.json: val[1] has the path "C:\\x.jpg", which leaves the image root; paths must be relative and without ".."',
    ],
    [
      "folders that a backslash parts",
      (lists) => lists.val!.unshift(["b\\deep\\7.jpg", 1, "sea_horse"]),
      'split.json: val[0] has the path "b\\deep\\7.jpg", whose folders a backslash parts; write "b/deep/7.jpg", and so in all of the file, or get the published one again',
    ],
    ["an empty list", (lists) => (lists.test = []), 'split.json: the list "test" is empty'],
    ["a missing list", (lists) => delete lists.val, 'split.json: the list "val" is missing'],
    [
      "a label that is no number",
      (lists) => lists.train!.push(["a/7.jpg", "0", "ant"]),
      'split.json: train[3] is ["a/7.jpg","0","ant"]; expected [path, label, class name] with a label of 0 or more',
    ],
    [
      "a class that nothing trains",
      (lists) => lists.test!.push(["c/1.jpg", 2, "crab"]),
      'split.json: class "crab" (label 2) has no image in "train"',
    ],
  ];
  it.each(wrong)("must not have %s", (_, change, message) => {
    expect(() => parse(change)).toThrow(expect.objectContaining({ name: "UserError", message }));
  });

  it.each([
    [
      "<!DOCTYPE html><html>...",
      "split.json: this is a web page (HTML) saved under the name of a JSON file, as a download page leaves it; download it",
    ],
    ["", "split.json: is not valid JSON (the file is empty); download it"],
    ["[]", 'split.json: must be an object with the lists "train", "val" and "test"'],
  ])("must be JSON, not %j", (text, message) => {
    expect(() => parseSplitZhou(text, "split.json", "download it")).toThrow(
      expect.objectContaining({ name: "UserError", message }),
    );
  });

  it("tells where malformed JSON breaks", () => {
    expect(() => parseSplitZhou('{"train": [', "split.json", "download it")).toThrow(
      "split.json: is not valid JSON (Unexpected end of JSON input); download it",
    );
  });
});

describe("a data set's folder", () => {
  let root: string;
  const folder = () => join(root, "caltech-101");
  const images = () => join(folder(), "101_ObjectCategories");

  beforeEach(() => {
    root = temporaryFolder({ [`caltech-101/${splitFile}`]: JSON.stringify(good()) });
    for (const [path] of Object.values(good()).flat())
      writeFiles(images(), { [path as string]: "" });
  });

  it.each([
    ["the folder that holds it", () => root],
    ["itself", folder],
  ])("is found from %s", (_, at) => {
    const { value } = readData({ root: at(), dataset: "caltech101" });
    expect(value.imageRoot).toBe(images());
    expect(value.test).toHaveLength(2);
  });

  it("is found under CLIP-LoRA's name, in another case, and through links", () => {
    const elsewhere = temporaryFolder();
    symlinkSync(folder(), join(elsewhere, "CALTECH101"));
    renameSync(images(), join(folder(), "101_objectcategories"));
    expect(locateDataSet(caltech101, elsewhere)).toBe(join(elsewhere, "CALTECH101"));
    expect(readData({ root: elsewhere, dataset: "Caltech-101" }).value.train).toHaveLength(3);
  });

  const failure = (at = root) => {
    try {
      readData({ root: at, dataset: "caltech101" });
    } catch (error) {
      expect(error).toHaveProperty("name", "UserError");
      return (error as Error).message.replaceAll(root, "ROOT");
    }
    return "nothing was thrown";
  };

  it("must hold the split file", () => {
    rmSync(join(folder(), splitFile));
    expect(failure()).toMatchInlineSnapshot(
      `"ROOT/caltech-101/split_zhou_Caltech101.json: the split file does not exist; download split_zhou_Caltech101.json by the link in DATASETS.md of github.com/KaiyangZhou/CoOp"`,
    );
  });

  it("must hold the images' folder", () => {
    rmSync(images(), { recursive: true });
    expect(failure()).toMatchInlineSnapshot(
      `"ROOT/caltech-101/101_ObjectCategories: the folder of Caltech-101's images does not exist; unpack the images there"`,
    );
  });

  it("must hold all images; a link that leads nowhere is none", () => {
    rmSync(join(images(), "a"), { recursive: true });
    rmSync(join(images(), "b"), { recursive: true });
    mkdirSync(join(images(), "b"));
    symlinkSync(join(root, "gone"), join(images(), "b/1.jpg"));
    expect(failure()).toMatchInlineSnapshot(
      `"ROOT/caltech-101/split_zhou_Caltech101.json: 6 images of 6 missing below ROOT/caltech-101/101_ObjectCategories: b/2.jpg, a/9.jpg, b/1.jpg, a/2.jpg, a/4.jpg, ...; unpack the images there under the names of the split"`,
    );
  });

  it("must exist, be a folder, and be the right one", () => {
    expect(failure(join(root, "none"))).toMatchInlineSnapshot(
      `"data.root: ROOT/none does not exist; check the path"`,
    );
    writeFileSync(join(root, "file"), "");
    expect(failure(join(root, "file"))).toMatchInlineSnapshot(
      `"data.root: ROOT/file is not a folder"`,
    );
    expect(failure(images())).toMatchInlineSnapshot(
      `"data.root: ROOT/caltech-101/101_ObjectCategories neither is the folder of Caltech-101 (split_zhou_Caltech101.json, 101_ObjectCategories) nor holds a folder "caltech-101" or "Caltech101""`,
    );
  });

  it("is named by data.dataset", () => {
    expect(() => readData({ root, dataset: "caltech256" })).toThrow(
      'data.dataset: unknown data set "caltech256"; the nearest is "caltech101", and known are "folder", "imagenet", "caltech101", ',
    );
  });
});
