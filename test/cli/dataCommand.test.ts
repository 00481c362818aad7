import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { registerData } from "../../src/cli/dataCommand";
import { absentReport, addressReport, dataReport } from "../../src/cli/dataReport";
import type {
  AddressReport,
  DataReport,
  DataSetReport,
  Download,
} from "../../src/protocol/dataReport";
import { writeMiniature } from "../support/miniatures";
import { emptyImages, temporaryFolder, writeFiles } from "../support/temporaryFolder";
import { runCommand } from "../support/runCommand";

const glad = (...args: string[]) => runCommand(registerData, ["data", ...args]);

/** The user's own settings must neither be read nor changed. */
let settings: string;
beforeEach(() => {
  settings = temporaryFolder();
  vi.stubEnv("XDG_CONFIG_HOME", settings);
});
afterEach(() => void vi.unstubAllEnvs());

const report: DataSetReport = {
  dataset: "caltech101",
  title: "Caltech-101",
  folder: "/data/caltech-101",
  imageRoot: "/data/caltech-101/101_ObjectCategories",
  layout: "CoOp's layout",
  counts: { classes: 100, train: 4128, val: 1649, test: 2465 },
  published: { classes: 100, train: 4128, val: 1649, test: 2465 },
  classes: [],
  findings: [
    { state: "ok", text: "Classes and images are as many as published." },
    {
      state: "failed",
      text: "2 images of 8242 missing below /data/caltech-101/101_ObjectCategories: ant/image_0001.jpg, bass/image_0002.jpg",
    },
  ],
  downloads: [
    { what: "images", url: "http://example.org/101_ObjectCategories.tar.gz", state: "dead" },
    { what: "images, in an archive within", url: "https://example.org/records", state: "alive" },
    { what: "split_zhou_Caltech101.json", url: "https://example.org/split", state: "unknown" },
  ],
};

describe("glad data check", () => {
  it("reports in 80 columns", () => {
    const text = dataReport(report);
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "Caltech-101 (--dataset caltech101) in /data/caltech-101, CoOp's layout
      100 classes; 4,128 images to train, 1,649 to validate, 2,465 to test
        ok    Classes and images are as many as published.
        FAIL  2 images of 8242 missing below /data/caltech-101/101_ObjectCategories:
              ant/image_0001.jpg, bass/image_0002.jpg
        where to get it (as of June 2026):
          images (dead):
            http://example.org/101_ObjectCategories.tar.gz
          images, in an archive within (alive):
            https://example.org/records
          split_zhou_Caltech101.json (not tried):
            https://example.org/split
      To be mended before training.
      "
    `);
    const bare = { ...report, findings: [], downloads: [] };
    expect(dataReport(bare)).toMatch(/Ready to train on\.\n$/);
    const tested = { ...bare, counts: { classes: 200, train: 0, val: 0, test: 7500 } };
    expect(dataReport(tested)).toMatch(/Ready to measure on; nothing can be trained on it\.\n$/);
  });

  it("shows names of files on one line and without what would steer a terminal", () => {
    const text = dataReport({
      ...report,
      title: "my\u001b[2J",
      findings: [{ state: "note", text: "left out 1 file: a\nReady to train on.\u001b[31m" }],
    });
    expect(text).not.toContain("\u001b");
    expect(text).toMatch(/^my\\u001b\[2J \(--dataset/);
    expect(text).toContain("left out 1 file: a\\u000aReady to train on.\\u001b[31m\n");
  });

  it("says what is not there and where to get it", () => {
    const { title, dataset, downloads } = report;
    const absent = [{ title, dataset, folders: ["caltech-101", "Caltech101"], downloads }];
    const addresses = { tried: null, problem: null };
    const missing = { root: "/data", sets: [], absent, addresses };
    expect(absentReport(missing)).toMatchInlineSnapshot(`
      "Not there: 1 data set. Each belongs into a folder of the given name below /data.
      Addresses were tried in June 2026; \`glad data addresses --try\` tries them now.
        Caltech-101 (--dataset caltech101) into caltech-101 or Caltech101
          images (dead):
            http://example.org/101_ObjectCategories.tar.gz
          images, in an archive within (alive):
            https://example.org/records
          split_zhou_Caltech101.json (not tried):
            https://example.org/split
      "
    `);
    expect(absentReport({ ...missing, absent: [] })).toBe("");
    const problem = "none of 30 addresses answered (no answer in 5 s); check the network";
    const unreached = absentReport({ ...missing, addresses: { tried: null, problem } });
    expect(unreached.replace(/\s+/g, " ")).toContain(
      `Addresses were tried in June 2026; now ${problem}.`,
    );
    const tried = { tried: "2026-11-27T20:00:00.000Z", problem: null };
    expect(absentReport({ ...missing, addresses: tried })).toContain(
      "Addresses were tried just now, on 2026-11-27.",
    );
  });

  it("says where to get data sets, and what their addresses answered", async () => {
    expect((await glad("addresses", "dtd")).stdout).toMatchInlineSnapshot(`
      "Addresses were tried in June 2026; \`glad data addresses --try\` tries them now.
        DTD (--dataset dtd) into dtd or DTD
          images (alive):
            https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz
          split_zhou_DescribableTextures.json (not tried):
            https://drive.google.com/file/d/1u3_QfB467jqHgNXC00UIzbLZRQCg2S7x/view
      "
    `);
    expect((await glad("addresses")).stdout.match(/--dataset/g)).toHaveLength(15);
    const json = JSON.parse((await glad("addresses", "dtd", "--json")).stdout) as AddressReport;
    expect(json).toMatchObject({
      tried: null,
      sets: [{ dataset: "dtd", folders: ["dtd", "DTD"] }],
    });
    const downloads = report.downloads.map((download, i): Download => ({
      ...download,
      answer: `HTTP 40${i}`,
    }));
    const { title, dataset } = report;
    const sets = [{ title, dataset, folders: ["caltech-101"], downloads }];
    expect(addressReport({ tried: "2026-11-26T10:00:00.000Z", sets })).toMatchInlineSnapshot(`
      "Addresses were tried just now, on 2026-11-26.
        Caltech-101 (--dataset caltech101) into caltech-101
          images (dead, HTTP 400):
            http://example.org/101_ObjectCategories.tar.gz
          images, in an archive within (alive, HTTP 401):
            https://example.org/records
          split_zhou_Caltech101.json (unclear, HTTP 402):
            https://example.org/split
      "
    `);
    await expect(glad("addresses", "dtt")).rejects.toThrow(
      /^names: unknown data set "dtt"; the nearest is "dtd"/,
    );
    await expect(glad("addresses", "folder")).rejects.toThrow(
      /^names: unknown data set "folder"; known are "imagenet", /,
    );
  });

  it("ends with exit code 1 where something would stop a run", async () => {
    const root = temporaryFolder({ ...emptyImages("ant", 3), ...emptyImages("bee", 3) });
    const { stdout, exitCode } = await glad("check", root, "--json");
    expect(exitCode).toBe(1);
    const { sets } = JSON.parse(stdout) as DataReport;
    expect(sets[0]).toMatchObject({
      dataset: "folder",
      counts: { classes: 2, train: 4, test: 2 },
    });
    expect(sets[0]!.findings.at(-2)!.text).toMatch(/^6 images of 6 cannot be decoded/);
  });

  it("looks at what is linked where no folder is named", async () => {
    await expect(glad("check")).rejects.toThrow(/^root: no data set is linked; /);
    const root = temporaryFolder();
    await glad("link", "aircraft", writeMiniature(root, "fgvcaircraft"));
    writeMiniature(root, "dtd");
    const { stdout, exitCode } = await glad("check", "--quick", "--offline");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^FGVC-Aircraft \(--dataset fgvcaircraft\) in /);
    expect(stdout).toContain("Not there: 14 data sets.");
    await glad("root", root);
    expect((await glad("check", "--quick", "--offline")).stdout).toContain(
      "Not there: 13 data sets.",
    );
    rmSync(join(root, "fgvc_aircraft"), { recursive: true });
    const broken = await glad("check", "--quick", "--offline");
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout.replace(/\s+/g, " ")).toContain(
      `FAIL ${root}/fgvc_aircraft does not exist; link FGVC-Aircraft anew, or mount its disk`,
    );
  });
});

describe("Ctrl-C", () => {
  const program = join(import.meta.dirname, `../../dist/data-${process.pid}.js`);
  beforeAll(() => {
    const contents = `import { Command } from "commander";
      import { registerData } from "./src/cli/dataCommand";
      const program = new Command();
      registerData(program);
      void program.parseAsync();`;
    buildSync({
      stdin: { contents, resolveDir: join(import.meta.dirname, "../.."), loader: "ts" },
      outfile: program,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["sharp"],
    });
  });
  afterAll(() => rmSync(program, { force: true }));

  it("ends a check cleanly with exit code 130", async () => {
    const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
    const image = await sharp({
      create: { width: 900, height: 900, channels: 3, background: "grey", noise },
    })
      .jpeg()
      .toBuffer();
    const names = [
      ...Object.keys(emptyImages("ant", 300)),
      ...Object.keys(emptyImages("bee", 300)),
    ];
    const root = temporaryFolder(Object.fromEntries(names.map((name) => [name, image])));
    const args = ["data", "check", root, "--offline", "--progress", "json"];
    const child = spawn(process.execPath, [program, ...args]);
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => {
      if (stderr === "") child.kill("SIGINT");
      stderr += text.toString();
    });
    const ended = await new Promise((resolve) =>
      child.on("close", (code, signal) => resolve({ code, signal })),
    );
    expect(ended).toEqual({ code: 130, signal: null });
    expect(JSON.parse(stderr.split("\n")[0]!)).toEqual({
      type: "progress",
      dataset: "folder",
      title: "Folder of images",
      done: 50,
      total: 600,
    });
    expect(stderr).toMatch(/\nStopped before the end of the check\.\n$/);
  });
});

describe("glad data link and root", () => {
  it("remember, print and forget", async () => {
    expect((await glad("link")).stdout).toBe(
      `No data set is linked.\nremembered in ${settings}/glad/settings.json\n`,
    );
    const root = temporaryFolder();
    const folder = writeMiniature(root, "dtd", "CLIP-LoRA");
    expect((await glad("link", "DescribableTextures", root)).stdout).toBe(
      `DTD is ${folder} (CLIP-LoRA's layout).\n`,
    );
    expect((await glad("link", "dtd")).stdout).toBe(`${folder}\n`);
    expect((await glad("root")).stdout).toBe("No folder is set.\n");
    expect((await glad("root", root)).stdout).toBe(
      `The folder of the data sets is ${root}; it holds 1 data set: dtd.\n`,
    );
    expect((await glad("link")).stdout).toMatch(
      new RegExp(`^dtd {14}${folder}\n\\(all others in\\) {2}${root}\n`),
    );
    expect((await glad("link", "dtd", "--remove")).stdout).toBe("DTD is no longer linked.\n");
    expect((await glad("root", "--remove")).stdout).toMatch(/ is forgotten\.\n$/);
    expect((await glad("link")).stdout).toMatch(/^No data set is linked/);
    expect((await glad("link", "dtd")).stdout).toBe("DTD is not linked.\n");
    expect(readdirSync(join(settings, "glad"))).toEqual(["settings.json"]);
  });

  it("refuse to forget what was never remembered", async () => {
    await expect(glad("link", "dtd", "--remove")).rejects.toThrow(
      "name: DTD is not linked, so there is nothing to forget; `glad data link` lists what is",
    );
    await expect(glad("root", "--remove")).rejects.toThrow(/^root: no folder is set, so/);
    expect(readdirSync(settings)).toEqual([]);
  });

  it("refuse what is no data set", async () => {
    const root = temporaryFolder();
    await expect(glad("link", "dtd", root)).rejects.toThrow(
      /^path: .*neither is the folder of DTD/,
    );
    writeFiles(root, { "dtd/split_zhou_DescribableTextures.json": "{}" });
    await expect(glad("link", "dtd", root)).rejects.toThrow(/unpack the images there/);
    await expect(glad("link", "mnist", root)).rejects.toThrow(
      /^name: unknown data set "mnist"; known are "imagenet", /,
    );
    const none = join(root, "none");
    for (const args of [
      ["link", "dtd", none],
      ["root", none],
    ])
      await expect(glad(...args)).rejects.toThrow(`path: ${none} does not exist; check the path`);
    await expect(glad("check", none)).rejects.toThrow(`root: ${none} does not exist; check the`);
    expect(readdirSync(settings)).toEqual([]);
  });
});
