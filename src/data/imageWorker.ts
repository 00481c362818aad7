import { parentPort, workerData } from "node:worker_threads";
import { InternalError, messageOf, UserError } from "../util/errors";
import { decodeRgb } from "./decode";
import type { FromWorker, ImageJob, ToWorker, WorkerSettings } from "./imageJobs";
import { openPixelCache } from "./pixelCache";
import type { RgbImage } from "./rgbImage";
import {
  augmentation,
  cropPixels,
  evaluationPixels,
  normalisation,
  writeNormalised,
  type Draw,
} from "./transforms";

/** Entry of a worker thread: makes the images of jobs one after the other, in the order in which the jobs came. */
if (!parentPort) throw new InternalError("imageWorker is started as a worker thread");
const port = parentPort;
const { transform, cacheBytes, pixelCache: settings } = workerData as WorkerSettings;
const pixelCache = settings && openPixelCache(settings, transform);
const statistics = normalisation(transform);
const imageLength = 3 * transform.cropSize ** 2;

/**
 * Decoded images. What came first stays: a run takes all training images in turn, where dropping the least recently used
 * one would drop the very image that comes next, so that a cache a little too small would never hit.
 */
const cache = new Map<string, RgbImage>();
let cachedBytes = 0;

const queue: ImageJob[] = [];
let busy = false;
let closed = false;

port.on("message", (message: ToWorker) => {
  if (message === "close") {
    closed = true;
    port.close();
    return;
  }
  queue.push(message);
  if (!busy) void work();
});

async function work(): Promise<void> {
  busy = true;
  for (let job = queue.shift(); job && !closed; job = queue.shift()) {
    const answer = await perform(job);
    if (closed) break;
    port.postMessage(answer, "pixels" in answer ? [answer.pixels.buffer] : []);
  }
  busy = false;
}

async function perform({ batch, items, keep }: ImageJob): Promise<FromWorker> {
  const pixels = new Float32Array(items.length * imageLength);
  // The next file is decoded in one of Node's pool threads while this one is resized here.
  const start = (i: number) => {
    const item = items[i];
    const image = item && prepared(item, keep);
    image?.catch(() => {});
    return image;
  };
  let next = start(0);
  for (const [i, { draw }] of items.entries()) {
    if (closed) break;
    try {
      const image = (await next)!;
      next = start(i + 1);
      if (image.cropped) writeNormalised(image.cropped, statistics, pixels, i * imageLength, false);
      else write(image.whole, draw, pixels, i * imageLength);
    } catch (thrown) {
      const userError = thrown instanceof UserError;
      return { batch, failed: i, message: messageOf(thrown), userError };
    }
  }
  return { batch, pixels };
}

/** An image as its file has it, or what the evaluation transform made of it. */
type Prepared = { whole: RgbImage; cropped?: undefined } | { cropped: RgbImage };

/** Decodes an item; one that is only measured comes from the disk's cache, or goes there, where there is one. */
async function prepared(
  { path, draw }: ImageJob["items"][number],
  keep: boolean,
): Promise<Prepared> {
  if (!pixelCache || draw || keep) return { whole: await decoded(path, keep) };
  const kept = await pixelCache.read(path);
  if (kept) return { cropped: kept };
  const cropped = evaluationPixels(await decodeRgb(path), transform);
  await pixelCache.write(path, cropped);
  return { cropped };
}

async function decoded(path: string, keep: boolean): Promise<RgbImage> {
  const cached = cache.get(path);
  if (cached) return cached;
  const image = await decodeRgb(path);
  if (keep && cachedBytes + image.data.byteLength <= cacheBytes) {
    cache.set(path, image);
    cachedBytes += image.data.byteLength;
  }
  return image;
}

function write(image: RgbImage, draw: Draw | null, pixels: Float32Array, offset: number): void {
  if (!draw) {
    writeNormalised(evaluationPixels(image, transform), statistics, pixels, offset, false);
    return;
  }
  const { box, flip } = augmentation(image.width, image.height, draw);
  writeNormalised(cropPixels(image, box, transform), statistics, pixels, offset, flip);
}
