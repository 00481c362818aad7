import { createHash, randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import sharp from "sharp";
import type { Thumbnail } from "../protocol/dataReport";
import { messageOf, UserError } from "../util/errors";
import { makeFolder, makeFolderSync } from "../util/makeFolder";
import { decodeRgb } from "./decode";
import { leavesRoot } from "./samplePaths";

/** Longest side of a thumbnail in pixels: sharp on screens of two pixels to a dot. */
const side = 256;
/** So many thumbnails the cache keeps, about 10 kB each. */
const most = 20_000;
/** Pixels of an image that is not even tried; as a run refuses it. */
const largestPixels = 178_956_970;

/** Makes thumbnails of images and keeps them in a folder of its own. */
export interface Thumbnailer {
  /** The thumbnail of an image below the image root. Never throws: what is wrong with an image is told. */
  make(path: string): Promise<Thumbnail>;
}

/**
 * Opens the cache; of a full one the older quarter goes. Throws where it would lie in the images' folder, into which
 * nothing is ever written.
 */
export function openThumbnailer(imageRoot: string, cache: string): Thumbnailer {
  const root = resolve(imageRoot);
  const place = resolve(cache);
  if (`${place}${sep}`.startsWith(`${root}${sep}`)) {
    throw new UserError(
      `--cache: ${place} is in the data set's own folder, into which nothing is written; name another one`,
    );
  }
  makeFolderSync(place);
  makeRoom(place);
  return {
    async make(path) {
      try {
        if (leavesRoot(path)) throw new UserError("the path leaves the image root");
        return { path, file: await thumbnailOf(join(root, path), place), problem: null };
      } catch (error) {
        return { path, file: null, problem: reason(error) };
      }
    },
  };
}

/** A thumbnail is found by its image's path, size and time of change, so that a changed image gets a new one. */
async function thumbnailOf(file: string, place: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const key = createHash("sha256").update(`${file}\0${size}\0${mtimeMs}\0${side}`).digest("hex");
  const folder = join(place, key.slice(0, 2));
  const made = join(folder, `${key}.jpg`);
  if (await isFile(made)) return made;
  await makeFolder(folder);
  const beside = join(folder, `${randomBytes(8).toString("hex")}.tmp`);
  try {
    // As a run sees it: not turned by EXIF, without transparency, the first frame.
    await sharp(file, { limitInputPixels: largestPixels, failOn: "truncated" })
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .removeAlpha()
      .jpeg({ quality: 82 })
      .toFile(beside);
    await rename(beside, made);
  } catch (error) {
    await rm(beside, { force: true });
    throw (await complaint(file)) ?? error;
  }
  return made;
}

/** What a run says of an image that it cannot decode, without its path; null where it can. */
async function complaint(file: string): Promise<Error | null> {
  try {
    await decodeRgb(file);
    return null;
  } catch (error) {
    return new UserError(messageOf(error).replace(`${file} `, ""));
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "the file may not be read";
  return messageOf(error).split("\n")[0]!;
}

function makeRoom(place: string): void {
  const files = readdirSync(place, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jpg"))
    .map((name) => join(place, name));
  if (files.length <= most) return;
  const oldest = files
    .map((file) => ({ file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => a.time - b.time);
  const surplus = files.length - Math.floor((3 * most) / 4);
  for (const { file } of oldest.slice(0, surplus)) rmSync(file, { force: true });
}
