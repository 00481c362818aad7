import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import sharp, { type Sharp } from "sharp";
import { messageOf, UserError } from "../util/errors";
import { decodeGif } from "./gif";
import { imageKind, type ImageKind } from "./imageKind";
import type { RgbImage } from "./rgbImage";

/** Pillow refuses larger images as decompression bombs (twice its MAX_IMAGE_PIXELS). */
const largestPixels = 178_956_970;
/** No image of that many pixels needs a larger file; a film or an archive is not read into memory. */
const largestBytes = 2 ** 30;

// Images come one by one from files that change: libvips' cache of operations would only hold them in memory, and the
// parallelism is over images, not within one.
sharp.cache(false);
sharp.concurrency(1);

/**
 * The pixels of an image file as Pillow's `Image.open(path).convert("RGB")` gives them: no rotation by EXIF (but by TIFF's own
 * tag), alpha dropped and not blended, no colour management, the first frame of an animation. Byte-identical to Pillow for JPEG, PNG, WebP, GIF and
 * TIFF (both sides decode JPEG by libjpeg-turbo's accurate DCT and smooth upsampling); AVIF's chroma is upsampled differently by the two.
 * Throws a `UserError` that names the file and the reason.
 */
export async function decodeRgb(path: string): Promise<RgbImage> {
  const bytes = readImageFile(path);
  const kind = imageKind(bytes);
  if (!kind) throw new UserError(`${path} ${whatInstead(bytes)}`);
  try {
    return await decodeKind(bytes, kind);
  } catch (thrown) {
    const reason = messageOf(thrown).split("\n")[0]!;
    if (reason.includes("exceeds pixel limit"))
      throw new UserError(
        `${path} has more than ${largestPixels.toLocaleString("en-US")} pixels; shrink it or leave it out`,
      );
    // libvips keeps one text for all threads: another may have taken it.
    const said = reason === "Unknown error" ? "" : `: ${reason}`;
    throw new UserError(`${path} cannot be decoded and may be damaged or cut off${said}`);
  }
}

/** Reads at once: images are decoded in worker threads, where a synchronous read costs less than three turns of the event loop. */
function readImageFile(path: string): Buffer {
  let file: number;
  try {
    // Without waiting, because a pipe of that name would let the reader wait for ever; Windows knows no such flag.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "there is no such file" : messageOf(thrown);
    throw new UserError(`${path} cannot be read: ${reason}`);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new UserError(`${path} is not a file, expected an image`);
    if (stats.size === 0) throw new UserError(`${path} is empty, expected an image`);
    if (stats.size > largestBytes)
      throw new UserError(
        `${path} is ${(stats.size / 2 ** 30).toFixed(1)} GiB large, expected an image of at most 1 GiB`,
      );
    return readFileSync(file);
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    throw new UserError(`${path} cannot be read: ${messageOf(thrown)}`);
  } finally {
    closeSync(file);
  }
}

function whatInstead(bytes: Buffer): string {
  // Of HEVC, which the decoder comes without; phones write it.
  if (/^ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)/.test(bytes.toString("latin1", 4, 12)))
    return "is a HEIC image, which cannot be read here; convert it to JPEG";
  const start = bytes.toString("latin1", 0, 512).trimStart();
  if (/^<(!doctype html|html)/i.test(start))
    return "is not an image: it holds a web page, so a download may have failed";
  return "is not an image: it is neither JPEG, PNG, WebP, GIF, TIFF nor AVIF by its first bytes";
}

async function decodeKind(bytes: Buffer, kind: ImageKind): Promise<RgbImage> {
  const image = sharp(bytes, {
    limitInputPixels: largestPixels,
    // As Pillow does: a file that ends early is an error, a decoder's complaint about the rest is not.
    failOn: "truncated",
    ignoreIcc: true,
  });
  switch (kind) {
    case "plain":
      return decodePlain(image);
    case "cmyk":
      return decodeCmyk(image);
    case "grey16":
      return decodeGrey16(image);
    case "gif":
      return decodeGif(bytes, largestPixels);
    case "tiff": {
      const { space, hasAlpha } = await image.metadata();
      // Of all formats, Pillow turns only this one as its orientation says.
      image.autoOrient();
      if (space === "cmyk") return decodeCmyk(image);
      return space === "grey16" && !hasAlpha ? decodeGrey16(image) : decodePlain(image);
    }
  }
}

/** Grey becomes three equal channels, a palette its colours, 16-bit colour its high bytes. */
async function decodePlain(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Pillow's conversion of four inks to RGB (libImaging/Convert.c): channel = (255 - black) - ink * (255 - black) / 255, clipped. */
async function decodeCmyk(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(info.width * info.height * 3);
  const bands = info.channels;
  for (let from = 0, to = 0; to < rgb.length; from += bands) {
    const white = 255 - data[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = data[from + c]! * white + 128;
      rgb[to++] = Math.max(white - (((product >> 8) + product) >> 8), 0);
    }
  }
  return { width: info.width, height: info.height, data: rgb };
}

/** Pillow takes values above 255 as white instead of scaling them. */
async function decodeGrey16(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const pixels = info.width * info.height;
  const words = new Uint16Array(data.buffer, data.byteOffset, pixels * info.channels);
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++)
    rgb.fill(Math.min(words[i * info.channels]!, 255), i * 3, i * 3 + 3);
  return { width: info.width, height: info.height, data: rgb };
}
