import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeRgb } from "../../src/data/decode";
import { evaluationPixels } from "../../src/data/transforms";
import { UserError } from "../../src/util/errors";
import { sharedData } from "../support/sharedData";
import { temporaryFolder } from "../support/temporaryFolder";
import { clipTransform, kindFile, reference, sha256 } from "./imageReference";

describe("decodeRgb", () => {
  const exact = reference.kinds.filter(({ rgb }) => rgb === undefined);
  it.each(exact)("reads $file ($mode) as Pillow's convert('RGB') does", async (kind) => {
    const image = await decodeRgb(kindFile(kind.file));
    expect([image.width, image.height]).toEqual([kind.width, kind.height]);
    expect(sha256(image.data)).toBe(kind.sha256);
  });

  it.skipIf(process.platform === "win32")(
    "does not wait for a pipe, nor read a folder",
    async () => {
      const folder = temporaryFolder();
      const pipe = join(folder, "pipe.jpg");
      execFileSync("mkfifo", [pipe]);
      await expect(decodeRgb(pipe)).rejects.toThrow(`${pipe} is not a file, expected an image`);
      mkdirSync(join(folder, "folder.jpg"));
      await expect(decodeRgb(join(folder, "folder.jpg"))).rejects.toThrow(/is not a file/);
    },
  );

  const rounded = reference.kinds.filter(({ rgb }) => rgb !== undefined);
  it.each(rounded)("reads $file within one level, as decoders of AVIF round", async (kind) => {
    const { data } = await decodeRgb(kindFile(kind.file));
    const expected = Buffer.from(kind.rgb!, "base64");
    expect(data.length).toBe(expected.length);
    expect(Math.max(...expected.map((value, i) => Math.abs(value - data[i]!)))).toBeLessThan(2);
  });

  const caltech = sharedData("caltech-101/101_ObjectCategories", "decoding of real photographs");
  it.skipIf(!caltech)(
    "decodes and prepares real photographs of every class as Pillow does",
    async () => {
      expect(reference.caltech.length).toBeGreaterThan(100);
      const wrong: string[] = [];
      for (const { path, decoded, evaluation } of reference.caltech) {
        const image = await decodeRgb(join(caltech!, path));
        if (sha256(image.data) !== decoded) wrong.push(`${path}: decoded`);
        if (sha256(evaluationPixels(image, clipTransform).data) !== evaluation)
          wrong.push(`${path}: evaluation`);
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe("decodeRgb on bad files", () => {
  const file = (name: string, content: string | Uint8Array) =>
    join(temporaryFolder({ [name]: content }), name);
  const complaint = async (path: string) => {
    const thrown: unknown = await decodeRgb(path).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(UserError);
    const { message } = thrown as UserError;
    expect(message).toContain(path);
    expect(message).not.toContain("\n");
    return message.replace(path, "FILE");
  };

  it("says what each of them is", async () => {
    const folder = temporaryFolder();
    expect(await complaint(join(folder, "none.jpg"))).toBe(
      "FILE cannot be read: there is no such file",
    );
    expect(await complaint(folder)).toBe("FILE is not a file, expected an image");
    expect(await complaint(file("empty.jpg", ""))).toBe("FILE is empty, expected an image");
    expect(await complaint(file("page.jpg", "\n<!DOCTYPE html><html></html>"))).toBe(
      "FILE is not an image: it holds a web page, so a download may have failed",
    );
    const heic = "\0\0\0\x24ftypheic\0\0\0\0mif1heic";
    expect(await complaint(file("phone.jpg", heic))).toBe(
      "FILE is a HEIC image, which cannot be read here; convert it to JPEG",
    );
    expect(await complaint(file("text.png", "hello"))).toBe(
      "FILE is not an image: it is neither JPEG, PNG, WebP, GIF, TIFF nor AVIF by its first bytes",
    );
    expect(
      await complaint(file("drawing.png", "<svg xmlns='http://www.w3.org/2000/svg'/>")),
    ).toContain("is not an image");
  });

  it.each([
    "s420.jpg",
    "progressive.jpg",
    "colour.png",
    "interlaced.png",
    "colour.webp",
    "colour.gif",
    "colour.tif",
    "cmyk.jpg",
    "grey16.png",
  ])("refuses %s when it is cut off anywhere", async (name) => {
    const whole = readFileSync(kindFile(name));
    for (const share of [0.02, 0.3, 0.6, 0.85]) {
      const path = file(
        `cut-${share}-${name}`,
        whole.subarray(0, Math.floor(whole.length * share)),
      );
      expect(await complaint(path)).toMatch(/^FILE (is not an image|cannot be decoded)/);
    }
  });

  it("refuses decompression bombs before unpacking them", async () => {
    const png = Buffer.from(readFileSync(kindFile("colour.png")));
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(20_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(await complaint(file("bomb.png", png))).toBe(
      "FILE has more than 178,956,970 pixels; shrink it or leave it out",
    );
    const gif = Buffer.from(readFileSync(kindFile("colour.gif")));
    gif.writeUInt16LE(60_000, 6);
    gif.writeUInt16LE(60_000, 8);
    expect(await complaint(file("bomb.gif", gif))).toContain("more than 178,956,970 pixels");
  });
});

/** The check sum of PNG's chunks. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
