import { createHash, randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderSync } from "../util/makeFolder";
import type { RgbImage } from "./rgbImage";
import type { ImageTransform } from "./transforms";

/** Where resized images are kept, and how much of the disk they may take. */
export interface PixelCacheSettings {
  folder: string;
  maxBytes: number;
}

/** Resized images on the disk, for all processes that measure on the same files. */
export interface PixelCache {
  /** What the evaluation transform made of a file, [S, S, 3]; null where it is not there. */
  read(path: string): Promise<RgbImage | null>;
  /** Keeps it, unless the cache is full or the disk refuses: a cache may fail, a run must not by it. */
  write(path: string, pixels: RgbImage): Promise<void>;
}

/** At most so many images are written between two looks at how full the cache is. */
const writesBetweenCounts = 16;

/**
 * Opens the cache of a transform. An image is found by its path, size and time of change, so that a changed file is
 * decoded anew. Files are there whole or not at all; what came first stays. The images of all transforms together take
 * `maxBytes`, which threads may exceed by 16 images each.
 */
export function openPixelCache(
  { folder, maxBytes }: PixelCacheSettings,
  transform: ImageTransform,
): PixelCache {
  const { cropSize } = transform;
  const place = placeOf(folder, transform);
  const length = bytesOf(cropSize);
  /** Images that may be written before the next look. */
  let room = 0;
  let full = false;

  const fileOf = async (path: string): Promise<string> => {
    const { size: bytes, mtimeMs } = await stat(path);
    const key = createHash("sha256").update(`${path}\0${bytes}\0${mtimeMs}`).digest("hex");
    return join(place, key);
  };

  return {
    async read(path) {
      try {
        const data = new Uint8Array(await readFile(await fileOf(path)));
        return data.length === length ? { width: cropSize, height: cropSize, data } : null;
      } catch {
        return null;
      }
    },
    async write(path, { data }) {
      if (full) return;
      const temporary = join(place, `${randomBytes(8).toString("hex")}.tmp`);
      try {
        if (room === 0) {
          const left = Math.floor((maxBytes - (await bytesIn(folder))) / length);
          room = Math.min(left, writesBetweenCounts);
          full = room < 1;
        }
        if (full) return;
        room--;
        await writeFile(temporary, data, { flag: "wx" });
        await rename(temporary, await fileOf(path));
      } catch {
        full = true;
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
  };
}

/**
 * Makes the cache's folder, once for each process before its threads use it. Of a full cache the older quarter goes, of
 * whatever transform, so that images which nobody measures any more do not stay for ever.
 */
export function preparePixelCache(
  { folder, maxBytes }: PixelCacheSettings,
  transform: ImageTransform,
): void {
  try {
    makeFolderSync(placeOf(folder, transform));
    const files = readdirSync(folder).flatMap((place) => {
      const bytes = imageBytes(place);
      if (bytes === null) return [];
      return readdirSync(join(folder, place)).map((name) => ({
        path: join(folder, place, name),
        bytes,
      }));
    });
    let taken = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const margin = Math.min(writesBetweenCounts * bytesOf(transform.cropSize), maxBytes / 4);
    if (taken + margin <= maxBytes) return;
    const oldest = files
      .map((file) => ({
        ...file,
        time: statSync(file.path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
      }))
      .sort((a, b) => a.time - b.time);
    for (const { path, bytes } of oldest) {
      if (taken <= (3 * maxBytes) / 4) return;
      rmSync(path, { force: true });
      taken -= bytes;
    }
  } catch {
    // Where there can be no folder there is no cache: reading finds nothing and the first write gives up.
  }
}

/** How much the images of all transforms take, without a look at each. */
async function bytesIn(folder: string): Promise<number> {
  const places = (await readdir(folder)).map(async (place) => {
    const bytes = imageBytes(place);
    return bytes === null ? 0 : bytes * (await readdir(join(folder, place))).length;
  });
  return (await Promise.all(places)).reduce((sum, bytes) => sum + bytes, 0);
}

/** Images of one transform; its mean and deviation come after the bytes and do not matter. */
function placeOf(folder: string, { size, cropSize, oddMargin }: ImageTransform) {
  return join(folder, `${size}-${cropSize}${oddMargin === "even" ? "-even" : ""}`);
}

/** The bytes of each image in a folder that `placeOf` names; null where it is none. */
function imageBytes(place: string): number | null {
  const cropSize = /^\d+-(\d+)(?:-even)?$/.exec(place)?.[1];
  return cropSize === undefined ? null : bytesOf(Number(cropSize));
}

function bytesOf(cropSize: number): number {
  return 3 * cropSize ** 2;
}
