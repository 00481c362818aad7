import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { checkData, type DataSetReport } from "../../src/data/checkData";
import { classNameSurprises } from "../../src/data/classNames";
import { temporaryFolder, writeFiles } from "../support/temporaryFolder";

/** Distinct real JPEGs. */
let jpegs: Buffer[];
beforeAll(async () => {
  jpegs = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      sharp({
        create: { width: 64, height: 48, channels: 3, background: { r: 20 * i, g: 9, b: 99 } },
      })
        .composite([
          { input: Buffer.from(`<svg><circle cx="${4 * i}" cy="20" r="9" fill="red"/></svg>`) },
        ])
        .jpeg()
        .toBuffer(),
    ),
  );
});

/** Two classes of six images each. */
const animals = () =>
  temporaryFolder(
    Object.fromEntries(jpegs.map((jpeg, i) => [`${i < 6 ? "ant" : "bee"}/${i}.jpg`, jpeg])),
  );
const findings = (reports: DataSetReport[], root: string) =>
  reports.flatMap((report) =>
    report.findings.map(({ state, text }) => `${state}: ${text.replaceAll(root, "ROOT")}`),
  );

describe("a folder of images", () => {
  it("is found in order, with progress", async () => {
    const root = animals();
    const progress: number[] = [];
    const reports = await checkData(root, (done) => progress.push(done));
    expect(reports[0]).toMatchObject({
      dataset: "folder",
      folder: root,
      counts: { classes: 2, train: 6, val: 2, test: 4 },
    });
    expect(findings(reports, root).slice(1)).toEqual([
      "ok: Every image of the lists is there.",
      "ok: 12 images can be decoded.",
      "ok: No image is there twice.",
    ]);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("names the images that cannot be decoded, with the reason", async () => {
    const root = animals();
    writeFileSync(join(root, "ant/0.jpg"), "");
    writeFileSync(join(root, "ant/1.jpg"), "<html>not found</html>");
    writeFileSync(join(root, "bee/7.jpg"), jpegs[7]!.subarray(0, jpegs[7]!.length / 2));
    const failed = findings(await checkData(root), root).filter((text) =>
      text.startsWith("failed"),
    );
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatch(/^failed: 3 images of 12 cannot be decoded; replace them, /);
    expect(failed[0]).toContain(" ant/0.jpg is empty");
    expect(failed[0]).toContain(" ant/1.jpg is not an image: it holds a web page");
    expect(failed[0]).toContain(" bee/7.jpg cannot be decoded and may be damaged or cut off: ");
  });

  it("finds equal images under several names, the worst first", async () => {
    const root = temporaryFolder(
      Object.fromEntries(
        [
          "train/ant/0",
          "train/ant/1",
          "train/bee/2",
          "train/bee/3",
          "test/ant/4",
          "test/bee/5",
        ].map((path, i) => [`${path}.jpg`, jpegs[i]!]),
      ),
    );
    writeFiles(root, {
      "train/ant/again.jpg": jpegs[0]!,
      "train/bee/also.jpg": jpegs[1]!,
      "test/bee/seen.jpg": jpegs[2]!,
    });
    const notes = findings(await checkData(root), root).filter((text) => text.includes("under"));
    expect(notes).toEqual([
      "note: 1 image under several names in different splits, so what is measured was also trained or selected on: train/bee/2.jpg [train] = test/bee/seen.jpg [test].",
      "note: 1 image under several names with different classes: train/ant/1.jpg [train] = train/bee/also.jpg [train].",
      "note: 1 image under several names within one class and split: train/ant/0.jpg [train] = train/ant/again.jpg [train].",
    ]);
  });

  it("that cannot be read is a finding; one that is not there is a mistake", async () => {
    const root = temporaryFolder({ "ant/1.jpg": jpegs[0]! });
    const reports = await checkData(root);
    expect(reports[0]!.counts).toBeNull();
    expect(findings(reports, root)).toEqual([
      'failed: ROOT: only one class, "ant"; at least two are needed; put the images of each other class into a folder beside it',
    ]);
    await expect(checkData(join(root, "none"))).rejects.toThrow("does not exist");
  });
});

describe("a published data set", () => {
  const splitFile = "caltech-101/split_zhou_Caltech101.json";
  const caltech = () => {
    const lists = {
      train: [
        ["ant/0.jpg", 0, "ant"],
        ["bee/6.jpg", 1, "bee"],
      ],
      val: [["ant/1.jpg", 0, "ant"]],
      test: [["bee/7.jpg", 1, "bee"]],
    };
    const root = temporaryFolder({ [splitFile]: JSON.stringify(lists) });
    for (const [path] of Object.values(lists).flat()) {
      const image = jpegs[Number(/\d/.exec(path as string))]!;
      writeFiles(root, { [`caltech-101/101_ObjectCategories/${path!}`]: image });
    }
    return root;
  };

  it("is compared with its published counts, and its missing images are counted", async () => {
    const root = caltech();
    rmSync(join(root, "caltech-101/101_ObjectCategories/bee"), { recursive: true });
    const reports = await checkData(root);
    expect(reports.map(({ dataset }) => dataset)).toEqual(["caltech101"]);
    expect(findings(reports, root)).toEqual([
      "note: Not the published split: classes 2 instead of 100, train 2 instead of 4128, val 1 instead of 1649, test 1 instead of 2465. Results cannot be compared with published ones.",
      "failed: 2 images of 4 missing below ROOT/caltech-101/101_ObjectCategories: bee/6.jpg, bee/7.jpg",
      "ok: 2 images can be decoded.",
      "ok: No image is there twice.",
    ]);
  });

  it("may have a web page for a split file", async () => {
    const root = caltech();
    writeFileSync(join(root, splitFile), "<!doctype html><title>Sign in</title>");
    expect(findings(await checkData(root), root)).toEqual([
      expect.stringMatching(
        /^failed: ROOT\/caltech-101\/split_zhou_Caltech101\.json: this is a web page \(HTML\)/,
      ),
    ]);
  });
});

describe("class names", () => {
  it("that say nothing to CLIP are told", () => {
    expect(
      classNameSurprises(["0", "1", "2", "3", "n01440764", "001.Albatross", "Größe", "cat", "Cat"]),
    ).toEqual([
      '4 class names with only digits, which tell CLIP nothing of what is seen: "0", "1", "2", ...',
      '1 class name with a WordNet number instead of a word: "n01440764"',
      '1 class name with a number in front, which becomes part of the prompt: "001.Albatross"',
      '1 class name with letters outside of ASCII; CLIP was trained on English text: "Größe"',
      '1 class name shared by several classes, which CLIP cannot tell apart: "cat"',
    ]);
    expect(classNameSurprises(["x".repeat(101), "a\tb"])).toHaveLength(2);
    expect(classNameSurprises(["golden retriever", "747 jet", "t shirt"])).toHaveLength(1);
  });
});
