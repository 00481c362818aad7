import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { registerData } from "../../src/cli/dataCommand";
import { settingsFile } from "../../src/data/userSettings";
import type {
  ClassImages,
  DataPreview,
  ListEvent,
  MoreImages,
  Thumbnail,
} from "../../src/protocol/dataReport";
import { runCommand } from "../support/runCommand";
import { emptyImages, temporaryFolder } from "../support/temporaryFolder";

const glad = (...args: string[]) => runCommand(registerData, ["data", ...args]);
const cli = resolve(import.meta.dirname, "../../dist/cli.js");

beforeEach(() => {
  vi.stubEnv("XDG_CONFIG_HOME", temporaryFolder());
});

const animals = () => temporaryFolder({ ...emptyImages("ant", 10), ...emptyImages("bee", 6) });

describe("glad data list", () => {
  it("prints classes with their counts", async () => {
    const root = animals();
    expect((await glad("list", root)).stdout).toBe(
      [
        `Folder of images in ${root}`,
        "  2 classes; 8 train, 3 val, 5 test",
        "  ant  5  2  3",
        "  bee  3  1  2",
        "",
      ].join("\n"),
    );
    expect((await glad("list")).stdout).toBe("No data set was found.\n");
  });

  it("prints a JSON line for each data set, and which folders to watch", async () => {
    const root = animals();
    const { stdout } = await glad("list", "--json", "--workspace", root);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as ListEvent);
    expect(events.map(({ type }) => type)).toEqual(["set", "end"]);
    const watch = [settingsFile(), root, join(root, "ant"), join(root, "bee")];
    expect(events[1]).toEqual({ type: "end", watch });
  });
});

describe("glad data images and preview", () => {
  it("print the images of a class, and those of a run", async () => {
    const root = animals();
    const { stdout } = await glad("images", "--data", root, "--label", "1");
    expect((JSON.parse(stdout) as ClassImages).images).toHaveLength(6);
    const preview = await glad("preview", "--data", root, "--shots", "2");
    const [facts, ...more] = preview.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown) as [DataPreview, ...MoreImages[]];
    const { splits } = facts;
    expect(more.map(({ split, images }) => `${splits[split]!.split} ${images.length}`)).toEqual([
      "train 4",
      "val 3",
      "all 5",
    ]);
    const all = await glad("preview", "--data", root, "--shots", "all");
    expect((JSON.parse(all.stdout.split("\n")[1]!) as MoreImages).images).toHaveLength(8);
  });

  it("refuse a class that is no number", async () => {
    await expect(glad("images", "--data", animals(), "--label", "ant")).rejects.toThrow(
      /expected a whole number/,
    );
  });
});

describe("glad data thumbnails", () => {
  it("answers while it is asked, and ends when nobody asks any more", async () => {
    const image = await sharp({
      create: { width: 40, height: 40, channels: 3, background: "red" },
    })
      .png()
      .toBuffer();
    const root = temporaryFolder({ "a.png": image, "b\n.png": image });
    const args = [cli, "data", "thumbnails", root, "--cache", temporaryFolder()];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (path: string): Promise<Thumbnail> => {
      child.stdin.write(`${JSON.stringify(path)}\n`);
      return JSON.parse((await lines.next()).value as string) as Thumbnail;
    };
    expect(existsSync((await ask("a.png")).file!)).toBe(true);
    expect((await ask("b\n.png")).problem).toBeNull();
    expect((await ask("none.png")).problem).toBe("there is no such file");
    child.stdin.end();
    expect(await new Promise((settle) => child.once("close", settle))).toBe(0);
  });
});
