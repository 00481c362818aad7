import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** So many images are written between two looks at how full the cache is. */
const writesBetweenCounts = 16;

/**
 * Opens the cache of a transform. An image is found by its path, size and time of change, so that a changed file is
 * decoded anew. Files are there whole or not at all; what came first stays. Several processes together may exceed
 * `maxBytes` by 16 images for each of their threads.
 */
export function openPixelCache(
  { folder, maxBytes }: PixelCacheSettings,
  { size, cropSize }: ImageTransform,
): PixelCache {
  const place = placeOf(folder, { size, cropSize });
  const length = 3 * cropSize ** 2;
  const most = Math.floor(maxBytes / length);
  let writes = 0;
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
        if (writes++ % writesBetweenCounts === 0)
          full = (await readdir(place)).length + writesBetweenCounts > most;
        if (full) return;
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
 * Makes the cache's folder, once for each process before its threads use it. Of a full cache the older quarter goes, so
 * that images which nobody measures any more do not stay for ever.
 */
export function preparePixelCache(
  { folder, maxBytes }: PixelCacheSettings,
  transform: ImageTransform,
): void {
  const place = placeOf(folder, transform);
  try {
    mkdirSync(place, { recursive: true });
    const most = Math.floor(maxBytes / (3 * transform.cropSize ** 2));
    const names = readdirSync(place);
    if (names.length + writesBetweenCounts <= most) return;
    const oldest = names
      .map((name) => ({
        name,
        time: statSync(join(place, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
      }))
      .sort((a, b) => a.time - b.time);
    const surplus = Math.max(0, names.length - Math.floor((3 * most) / 4));
    for (const { name } of oldest.slice(0, surplus)) rmSync(join(place, name), { force: true });
  } catch {
    // Where there can be no folder there is no cache: reading finds nothing and the first write gives up.
  }
}

/** Images of one transform; its mean and deviation come after the bytes and do not matter. */
function placeOf(folder: string, { size, cropSize }: Pick<ImageTransform, "size" | "cropSize">) {
  return join(folder, `${size}-${cropSize}`);
}
