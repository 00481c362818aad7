import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { checkData } from "../../src/data/checkData";
import { classNameSurprises } from "../../src/data/classNames";
import { dataSets } from "../../src/data/sets/index";
import type { CheckProgress, DataReport, DataSetReport } from "../../src/protocol/dataReport";
import { miniatures, writeMiniature } from "../support/miniatures";
import { sharedData } from "../support/sharedData";
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
const findings = ({ sets }: DataReport, root: string) =>
  sets.flatMap((report: DataSetReport) =>
    report.findings.map(({ state, text }) => `${state}: ${text.replaceAll(root, "ROOT")}`),
  );

describe("a folder of images", () => {
  it("is found in order, with progress", async () => {
    const root = animals();
    const progress: CheckProgress[] = [];
    const report = await checkData(root, { onProgress: (step) => progress.push(step) });
    expect(report).toMatchObject({ root, absent: [] });
    expect(report.sets[0]).toMatchObject({
      dataset: "folder",
      folder: root,
      counts: { classes: 2, train: 6, val: 2, test: 4 },
    });
    expect(findings(report, root).slice(1)).toEqual([
      "ok: Every image of the lists is there.",
      "ok: 12 images can be decoded.",
      "ok: No image is there twice.",
    ]);
    expect(progress.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(progress[0]).toEqual({
      dataset: "folder",
      title: "Folder of images",
      done: 1,
      total: 12,
    });
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
    const report = await checkData(root);
    expect(report.sets[0]!.counts).toBeNull();
    expect(findings(report, root)).toEqual([
      'failed: ROOT: only one class, "ant"; at least two are needed; put the images of each other class into a folder beside it',
      "note: No published data set was found here, so it was read as a folder of images.",
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
    const report = await checkData(root);
    expect(report.sets.map(({ dataset }) => dataset)).toEqual(["caltech101"]);
    expect(findings(report, root)).toEqual([
      "note: Not the published split: classes 2 instead of 100, train 2 instead of 4128, val 1 instead of 1649, test 1 instead of 2465. Results cannot be compared with published ones.",
      "failed: 2 images of 4 missing below ROOT/caltech-101/101_ObjectCategories: bee/6.jpg, bee/7.jpg",
      "ok: 2 images can be decoded.",
      "ok: No image is there twice.",
    ]);
  });

  it("that is broken may lie beside a whole one, of which is told", async () => {
    const root = caltech();
    const other = writeMiniature(root, "caltech101", "CLIP-LoRA");
    const beside = async () => {
      const { sets } = await checkData(root, { openImages: false });
      expect(sets.map(({ folder }) => folder)).toEqual([join(root, "caltech-101")]);
      return sets[0]!.findings.map(({ text }) => text).filter((text) => text.includes(other));
    };
    // Nothing is wrong with the one that is taken.
    expect(await beside()).toEqual([]);
    rmSync(join(root, "caltech-101/101_ObjectCategories"), { recursive: true });
    expect(await beside()).toEqual([
      `${other} may be Caltech-101 as well, and was not looked at; to take it, name it as data.root, or let it be remembered by "glad data link caltech101 ${other}".`,
    ]);
    // A second name of the same folder is no other.
    rmSync(other, { recursive: true });
    symlinkSync(join(root, "caltech-101"), other);
    expect(await beside()).toEqual([]);
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

describe("a folder of several data sets", () => {
  /** The bytes after a JPEG's end are no part of the image, but of the file. */
  const distinct = (path: string) => Buffer.concat([jpegs[0]!, Buffer.from(path)]);
  const root = (...sets: [string, ("CoOp" | "CLIP-LoRA")?][]) => {
    const folder = temporaryFolder();
    for (const [name, layout] of sets) writeMiniature(folder, name, layout, distinct);
    return folder;
  };
  const failed = (report: DataReport, folder: string) =>
    findings(report, folder).filter((text) => text.startsWith("failed"));

  it("is told set by set, with layouts and with links for what is not there", async () => {
    const folder = root(["caltech101"], ["dtd", "CLIP-LoRA"], ["fgvcaircraft"], ["imagenet-r"]);
    const told: string[] = [];
    const report = await checkData(folder, { onReport: ({ dataset }) => told.push(dataset) });
    expect(failed(report, folder)).toEqual([]);
    expect(report.sets.map(({ dataset, layout }) => [dataset, layout])).toEqual([
      ["caltech101", "CoOp's layout"],
      ["fgvcaircraft", "the layout of CoOp and of CLIP-LoRA"],
      ["dtd", "CLIP-LoRA's layout"],
      ["imagenet-r", "CoOp's layout"],
    ]);
    expect(told).toEqual(report.sets.map(({ dataset }) => dataset));
    expect(report.sets[3]!.counts).toEqual({ classes: 4, train: 0, val: 0, test: 16 });
    expect(report.absent).toHaveLength(11);
    const sun = report.absent.find(({ dataset }) => dataset === "sun397")!;
    expect(sun).toMatchObject({ title: "SUN397", folders: ["sun397", "SUN397"] });
    expect(sun.downloads.map(({ state }) => state)).toEqual(["dead", "alive", "unknown"]);
    const single = await checkData(join(folder, "DTD"), { openImages: false });
    expect(single.sets.map(({ dataset }) => dataset)).toEqual(["dtd"]);
    expect(single.absent).toEqual([]);
  });

  it("may hold a link to one that is not there now, which is a finding", async () => {
    const folder = root(["dtd"]);
    symlinkSync(join(folder, "unmounted"), join(folder, "EuroSAT"));
    const report = await checkData(folder, { openImages: false });
    expect(report.sets.map(({ dataset }) => dataset)).toEqual(["dtd", "eurosat"]);
    expect(failed(report, folder)).toEqual([
      "failed: ROOT/EuroSAT does not exist; link EuroSAT anew, or mount its disk",
    ]);
    expect(report.absent.map(({ dataset }) => dataset)).not.toContain("eurosat");
  });

  it("may hold all fifteen, in either layout, each in order but for its size", async () => {
    for (const layout of ["CoOp", "CLIP-LoRA"] as const) {
      const names = dataSets
        .map(({ name }) => name)
        .filter((name) => miniatures[name]!.folders[layout === "CoOp" ? 0 : 1] !== null);
      const folder = temporaryFolder();
      for (const name of names) writeMiniature(folder, name, layout);
      const report = await checkData(folder, { openImages: false });
      expect(report.sets.map(({ dataset }) => dataset)).toEqual(names);
      for (const { title, findings, published } of report.sets) {
        const texts = findings.map(({ state, text }) => `${state}: ${text}`);
        const { classes } = published!;
        const size =
          title === "EuroSAT"
            ? /^note: Not the published split: train /
            : new RegExp(`^note: Not the published split: classes \\d+ instead of ${classes}, `);
        expect(texts[0], title).toMatch(size);
        const missile = '"missile", "sunglasses"';
        const twins = texts.filter((text) => text.includes("shared by several classes"));
        for (const text of twins)
          expect(text).toMatch(new RegExp(`: (${missile}|"sunglasses")\\.$`));
        expect(texts.slice(1 + twins.length)).toEqual([
          "ok: Every image of the lists is there.",
          "note: The images were not opened.",
        ]);
      }
    }
  });

  it("has images looked into across splits, without ImageNet's test counting as a leak", async () => {
    const folder = root(["imagenet"]);
    const images = join(folder, "imagenet/images");
    const [train] = readdirSync(join(images, "train/n01440764")).sort();
    const [val] = readdirSync(join(images, "val/n01440764")).sort();
    const clean = await checkData(folder);
    expect(findings(clean, folder)).toContain("ok: No image is there twice.");
    expect(findings(clean, folder)).toContain("ok: 324 images can be decoded.");
    copyFileSync(join(images, "train/n01440764", train!), join(images, "val/n01440764", val!));
    expect(findings(await checkData(folder), folder)).toContain(
      `note: 1 image under several names in different splits, so what is measured was also trained or selected on: train/n01440764/${train!} [train] = val/n01440764/${val!} [test].`,
    );
  });

  it("tells names that are not the publisher's, and images under other names", async () => {
    const folder = root(["eurosat"], ["flowers102"]);
    const eurosat = join(folder, "eurosat");
    const file = join(eurosat, "split_zhou_EuroSAT.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("Annual Crop Land", "AnnualCrop"));
    renameSync(
      join(eurosat, "2750/Forest/Forest_1.jpg"),
      join(eurosat, "2750/Forest/Forest_0001.jpg"),
    );
    writeFileSync(join(folder, "oxford_flowers/cat_to_name.json"), "<!doctype html>");
    const report = await checkData(folder, { openImages: false });
    expect(findings(report, folder)).toEqual(
      expect.arrayContaining([
        'note: 1 class not named as published: "AnnualCrop" instead of "Annual Crop Land". Results cannot be compared with published ones.',
        "failed: 1 image of 251 missing below ROOT/eurosat/2750: Forest/Forest_1.jpg; 1 image of other names there: Forest/Forest_0001.jpg",
        "note: ROOT/oxford_flowers/cat_to_name.json: this is a web page (HTML) saved under the name of a JSON file, as a download page leaves it; save the file itself (runs do not need it).",
      ]),
    );
    const links = report.sets.map(({ dataset, downloads }) => [dataset, downloads.length]);
    expect(links).toEqual([
      ["flowers102", 0],
      ["eurosat", 3],
    ]);
  });

  it("is left between two images when its check is cancelled; nothing is written into it", async () => {
    const folder = root(["caltech101"], ["dtd"]);
    const before = readdirSync(folder, { recursive: true }).sort();
    const cancel = new AbortController();
    const seen: number[] = [];
    const check = checkData(folder, {
      signal: cancel.signal,
      onProgress: ({ done }) => {
        seen.push(done);
        if (done === 20) cancel.abort();
      },
    });
    await expect(check).rejects.toHaveProperty("name", "AbortError");
    expect(seen.length).toBeLessThan(30);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  });
});

const real = sharedData("caltech-101", "the check of the real Caltech-101");
it.runIf(real)(
  "the real Caltech-101 has nothing wrong, and is read at 10,000 images a minute",
  async () => {
    const began = performance.now();
    const { sets } = await checkData(real);
    const seconds = (performance.now() - began) / 1000;
    expect(sets[0]!.findings.every(({ state }) => state === "ok")).toBe(true);
    expect(sets[0]!.findings).toHaveLength(4);
    expect((seconds / 8242) * 10_000).toBeLessThan(60);
  },
);

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
