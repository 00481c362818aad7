import type { PixelCacheSettings } from "./pixelCache";
import type { Draw, ImageTransform } from "./transforms";

/** What the image pipeline and its workers say to each other. */

/** What a worker is started with. */
export interface WorkerSettings {
  transform: ImageTransform;
  /** How many bytes of decoded training images it may keep. */
  cacheBytes: number;
  /** Where resized images to measure are kept on the disk; null for nowhere. */
  pixelCache: PixelCacheSettings | null;
}

/** One worker's share of a batch. */
export interface ImageJob {
  batch: number;
  items: { path: string; draw: Draw | null }[];
  /** Whether the decoded images are worth keeping: training images come again, images to measure once in a while. */
  keep: boolean;
}

/** A job or the request to end after the image in hand. */
export type ToWorker = ImageJob | "close";

/** The normalised images of one job, [items, 3, S, S], or the first item that failed and why. */
export type FromWorker = { batch: number } & (
  { pixels: Float32Array<ArrayBuffer> } | { failed: number; message: string; userError: boolean }
);
