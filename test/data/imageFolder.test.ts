import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readImageFolder } from "../../src/data/imageFolder";
import type { DataSplit, Sample } from "../../src/data/types";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";

const paths = (samples: Sample[], label: number) =>
  samples.filter((sample) => sample.label === label).map((sample) => sample.path);
const counts = ({ train, val, test }: DataSplit, label: number) =>
  [train, val, test].map((samples) => paths(samples, label).length);

describe("one folder for each class", () => {
  it("is split 50/20/30 by class, every image once, always alike", () => {
    const root = temporaryFolder({ ...emptyImages("cat", 20), ...emptyImages("dog", 7) });
    const { value, heldOutHere, notes } = readImageFolder(root);
    expect(heldOutHere).toBe(true);
    expect(value.classNames).toEqual(["cat", "dog"]);
    expect(counts(value, 0)).toEqual([10, 4, 6]);
    // Python's round(3.5) is 4, and round(1.4) is 1.
    expect(counts(value, 1)).toEqual([4, 1, 2]);
    const all = [...value.train, ...value.val, ...value.test].map(({ path }) => path);
    expect(new Set(all).size).toBe(27);
    expect(notes).toEqual([
      `${root} has no folder "test": of each class 30% of the images are kept for the test and 20% for validation, always the same ones.`,
    ]);
    // CPython: images = list(range(7)); random.seed(1); random.shuffle(images)
    expect(paths(value.train, 1)).toEqual([3, 6, 5, 2].map((i) => `dog/00${i}.jpg`));
  });

  it("keeps the split of a class when another one changes", () => {
    const cats = emptyImages("cat", 12);
    const before = readImageFolder(temporaryFolder({ ...cats, ...emptyImages("dog", 5) })).value;
    const after = readImageFolder(temporaryFolder({ ...cats, ...emptyImages("dog", 9) })).value;
    expect(paths(after.test, 0)).toEqual(paths(before.test, 0));
  });

  it.each([
    [2, [1, 0, 1]],
    [3, [2, 0, 1]],
    [4, [2, 1, 1]],
    [5, [2, 1, 2]],
    [16, [8, 3, 5]],
  ])("of %i images keeps %j", (count, expected) => {
    const root = temporaryFolder({ ...emptyImages("a", count), ...emptyImages("b", 10) });
    expect(counts(readImageFolder(root).value, 0)).toEqual(expected);
  });

  it("cleans names, orders by code point and takes images from folders below", () => {
    const root = temporaryFolder({
      ...emptyImages("golden-retriever__dog ", 2),
      ...emptyImages("Zebra", 2),
      ...emptyImages("cafe\u0301", 2),
      "Zebra/more/deep/x.PNG": "",
    });
    const { value } = readImageFolder(root);
    expect(value.classNames).toEqual(["Zebra", "caf\u00e9", "golden retriever dog"]);
    expect([...value.train, ...value.val, ...value.test].map(({ path }) => path)).toContain(
      "Zebra/more/deep/x.PNG",
    );
  });

  it("takes names from classes.json and says which it has no folder for", () => {
    const root = temporaryFolder({
      ...emptyImages("n01", 2),
      ...emptyImages("n02", 2),
      "classes.json": '{"n01": " tench ", "n03": "shark"}',
    });
    const { value, notes } = readImageFolder(root);
    expect(value.classNames).toEqual(["tench", "n02"]);
    expect(notes).toContain(`${join(root, "classes.json")}: 1 name without a class folder: n03.`);
  });

  it("ignores what systems leave behind and reports what else it leaves out", () => {
    const root = temporaryFolder({
      ...emptyImages("cat", 2),
      ...emptyImages("dog", 2),
      "cat/Thumbs.db": "",
      "cat/.hidden.jpg": "",
      ".cache/a.jpg": "",
      "__MACOSX/cat/._001.jpg": "",
      "cat/notes.txt": "",
      "stray.jpg": "",
    });
    mkdirSync(join(root, "empty"));
    symlinkSync(join(root, "gone.jpg"), join(root, "dog/broken.jpg"));
    const { value, notes } = readImageFolder(root);
    expect(value.classNames).toEqual(["cat", "dog"]);
    expect(value.train.length + value.val.length + value.test.length).toBe(4);
    expect(notes.slice(0, 4).map((note) => note.replaceAll(root, "ROOT"))).toMatchInlineSnapshot(`
      [
        "ROOT: left out 1 folder without images: empty.",
        "ROOT: left out 1 image beside the class folders instead of in one: stray.jpg.",
        "ROOT: left out 1 file of other kinds than JPEG, PNG, WebP, GIF, TIFF and AVIF: cat/notes.txt.",
        "ROOT: left out 1 link that leads nowhere: dog/broken.jpg.",
      ]
    `);
  });

  it("says of a phone's photos that they are to be converted, also where nothing else is there", () => {
    const photos = { "owl/IMG_1.HEIC": "", "owl/IMG_2.heic": "", "fox/IMG_3.HEIC": "" };
    const root = temporaryFolder({ ...photos, ...emptyImages("cat", 2), ...emptyImages("dog", 2) });
    expect(readImageFolder(root).notes).toContain(
      `${root}: left out 3 pictures of kinds that are read once they are converted to JPEG: fox/IMG_3.HEIC, owl/IMG_1.HEIC, owl/IMG_2.heic.`,
    );
    const alone = temporaryFolder(photos);
    expect(() => readImageFolder(alone)).toThrow(
      `${alone}: no class left: there are only kinds of pictures that cannot be read here (fox/IMG_3.HEIC, owl/IMG_1.HEIC, owl/IMG_2.heic); convert them to JPEG`,
    );
    const half = temporaryFolder({ ...photos, ...emptyImages("cat", 2), "cat/IMG_4.HEIC": "" });
    expect(() => readImageFolder(half)).toThrow(
      `${half}: only one class, "cat": of the others there are only kinds of pictures that cannot be read here (fox/IMG_3.HEIC,`,
    );
    const own = temporaryFolder({ ...emptyImages("cat", 2), "cat/IMG_4.HEIC": "" });
    expect(() => readImageFolder(own)).toThrow(/only one class, "cat"; at least two are needed/);
  });

  it.skipIf(process.platform === "win32")("tells pipes from files of other kinds", () => {
    const root = temporaryFolder({ ...emptyImages("cat", 2), ...emptyImages("dog", 2) });
    const left = () => readImageFolder(root).notes.filter((note) => note.includes("left out"));
    execFileSync("mkfifo", [join(root, "cat/fifo.jpg")]);
    expect(left()).toEqual([
      `${root}: left out 1 item that is no regular file but a pipe, socket or device: cat/fifo.jpg.`,
    ]);
    execFileSync("mkfifo", [join(root, "fifo")]);
    expect(left()).toEqual([
      `${root}: left out 2 items that are no regular files but pipes, sockets or devices: fifo, cat/fifo.jpg.`,
    ]);
  });

  it("follows links, but not in circles", () => {
    const elsewhere = temporaryFolder(emptyImages("kittens", 3));
    const root = temporaryFolder(emptyImages("dog", 2));
    symlinkSync(join(elsewhere, "kittens"), join(root, "cat"));
    symlinkSync(root, join(root, "dog/up"));
    symlinkSync("circle", join(root, "circle"));
    const { value } = readImageFolder(root);
    expect(value.classNames).toEqual(["cat", "dog"]);
    expect(counts(value, 0)).toEqual([2, 0, 1]);
  });
});

describe("train, val and test above the classes", () => {
  const part = (name: string, cats: number, dogs: number) => ({
    ...emptyImages(`${name}/cat`, cats),
    ...emptyImages(`${name}/dog`, dogs),
  });

  it.each([
    [
      "all three",
      { ...part("train", 3, 4), ...part("val", 1, 1), ...part("test", 2, 2) },
      [3, 1, 2],
    ],
    ["train and test", { ...part("train", 3, 4), ...part("test", 2, 2) }, [3, 0, 2]],
    ["train and val", { ...part("Train", 3, 4), ...part("validation", 2, 1) }, [3, 0, 2]],
    ["train alone", part("training", 10, 4), [5, 2, 3]],
  ])("%s", (_, files, expected) => {
    const { value, heldOutHere } = readImageFolder(temporaryFolder(files));
    expect(value.classNames).toEqual(["cat", "dog"]);
    expect(counts(value, 0)).toEqual(expected);
    expect(heldOutHere).toBe(expected[0] === 5);
    expect(value.train[0]!.path).toMatch(/^train(ing)?\/cat\/\d+\.jpg$/i);
  });

  it("are classes where they hold images themselves", () => {
    const root = temporaryFolder({ ...emptyImages("train", 3), ...emptyImages("plane", 3) });
    expect(readImageFolder(root).value.classNames).toEqual(["plane", "train"]);
  });

  it("says what lies beside them and which class has no test image", () => {
    const root = temporaryFolder({
      ...part("train", 2, 2),
      ...emptyImages("test/dog", 2),
      ...emptyImages("unlabelled", 2),
    });
    const { value, notes, trainingNotes } = readImageFolder(root);
    expect(value.test.map(({ label }) => label)).toEqual([1, 1]);
    // Nothing that concerns who only measures on it.
    expect(trainingNotes).toEqual([`${root} has no folder "val": there are no validation images.`]);
    expect(notes.map((note) => note.replaceAll(root, "ROOT"))).toMatchInlineSnapshot(`
      [
        "ROOT: left out what lies beside the folder "train": unlabelled.",
        "ROOT/test: no images of 1 class: cat.",
      ]
    `);
  });
});

describe("what cannot be read", () => {
  it.each<[string, Record<string, string>]>([
    ["no images", { "readme.txt": "" }],
    ["one class", emptyImages("cat", 5)],
    [
      "class folders one level down",
      { ...emptyImages("data/cat", 2), ...emptyImages("data/dog", 2) },
    ],
    ["a class with one image", { ...emptyImages("cat", 1), ...emptyImages("dog", 2) }],
    ["one name twice", { ...emptyImages("red_car", 2), ...emptyImages("Red-Car", 2) }],
    [
      "a test class without training",
      {
        ...emptyImages("train/cat", 2),
        ...emptyImages("train/dog", 2),
        ...emptyImages("test/dogs", 2),
      },
    ],
    [
      "a name that is no text",
      { ...emptyImages("cat", 2), ...emptyImages("dog", 2), "classes.json": '{"cat": 1}' },
    ],
    [
      "a list of names",
      { ...emptyImages("cat", 2), ...emptyImages("dog", 2), "classes.json": '["cat", "dog"]' },
    ],
  ])("%s", (_, files) => {
    const root = temporaryFolder(files);
    let message = "nothing was thrown";
    try {
      readImageFolder(root);
    } catch (error) {
      expect(error).toHaveProperty("name", "UserError");
      message = (error as Error).message;
    }
    expect(message.replaceAll(root, "ROOT")).toMatchSnapshot();
  });
});
