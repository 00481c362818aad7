import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { openThumbnailer } from "../../src/data/thumbnails";
import { temporaryFolder } from "../support/temporaryFolder";

const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 200, g: 30, b: 30, alpha: 0.5 } } });

describe("thumbnails", () => {
  it("are JPEGs of at most 256 pixels, made once, beside which nothing is written", async () => {
    const [root, cache] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(root, "wide.png"), await picture(800, 200, 4).png().toBuffer());
    writeFileSync(join(root, "small.jpg"), await picture(30, 20).jpeg().toBuffer());
    const thumbnailer = openThumbnailer(root, cache);
    const wide = await thumbnailer.make("wide.png");
    expect(wide.problem).toBeNull();
    const { width, height, format, hasAlpha } = await sharp(wide.file!).metadata();
    expect({ width, height, format, hasAlpha }).toEqual({
      width: 256,
      height: 64,
      format: "jpeg",
      hasAlpha: false,
    });
    const small = await sharp((await thumbnailer.make("small.jpg")).file!).metadata();
    expect([small.width, small.height]).toEqual([30, 20]);
    expect(await openThumbnailer(root, cache).make("wide.png")).toEqual(wide);
    expect(readdirSync(root).sort()).toEqual(["small.jpg", "wide.png"]);
  });

  it("are made anew of an image that changed", async () => {
    const [root, cache] = [temporaryFolder(), temporaryFolder()];
    const file = join(root, "a.jpg");
    writeFileSync(file, await picture(100, 100).jpeg().toBuffer());
    const thumbnailer = openThumbnailer(root, cache);
    const { file: before } = await thumbnailer.make("a.jpg");
    utimesSync(file, 1, 2);
    expect((await thumbnailer.make("a.jpg")).file).not.toBe(before);
  });

  it("say what is wrong with an image", async () => {
    const root = temporaryFolder({ "text.jpg": "no image" });
    const thumbnailer = openThumbnailer(root, temporaryFolder());
    expect(await thumbnailer.make("none.jpg")).toEqual({
      path: "none.jpg",
      file: null,
      problem: "there is no such file",
    });
    // In the words that a run has for it.
    expect((await thumbnailer.make("text.jpg")).problem).toMatch(/^is not an image: it is neither/);
    expect((await thumbnailer.make("../../etc/passwd")).problem).toMatch(/leaves the image root/);
  });

  it("are never kept in the images' folder", () => {
    const root = temporaryFolder();
    expect(() => openThumbnailer(root, join(root, "cache"))).toThrow(/nothing is written/);
    expect(readdirSync(root)).toEqual([]);
  });
});
