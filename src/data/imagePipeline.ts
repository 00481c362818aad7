import { Worker } from "node:worker_threads";
// sharp asks to be loaded in the main thread before any worker, so that its libraries outlive the workers.
import "sharp";
import { InternalError, UserError } from "../util/errors";
import { programFile } from "../util/programs";
import type { FromWorker, ImageJob, ToWorker, WorkerSettings } from "./imageJobs";
import { type PixelCacheSettings, preparePixelCache } from "./pixelCache";
import type { ImageTransform } from "./transforms";

export interface ImagePipelineOptions {
  transform: ImageTransform;
  /** Worker threads; while it has work, each keeps one to two cores busy (one decodes ahead). */
  workers: number;
  /** Memory for decoded training images, over all workers. */
  cacheMiB: number;
  /** Where resized images to measure are kept on the disk, if anywhere. */
  pixelCache?: PixelCacheSettings | null;
  /** The worker's bundle; by default the one beside the running program. */
  program?: string;
}

/** A training image: its file and the number that names it for the whole run. */
export interface TrainingItem {
  path: string;
  sample: number;
  epoch: number;
}

/**
 * Makes batches of normalised images in worker threads. A batch is begun when it is asked for and may be awaited much later;
 * batches are made in the order of asking. Workers need nothing of the calling thread: what was asked for before a long
 * native call is ready after it. A file that cannot be decoded rejects its batch with a `UserError` that names it.
 */
export interface ImagePipeline {
  /** The evaluation transform of image files, [n, 3, S, S]. */
  evaluationBatch(paths: readonly string[]): Promise<Float32Array>;
  /**
   * Training images, [n, 3, S, S]: a random crop and flip that is a function of (seed, epoch, sample), or the evaluation
   * transform where `augment` is false. As many decoded files as the cache takes are kept, each by one worker, so none
   * of those is decoded twice.
   */
  trainingBatch(
    items: readonly TrainingItem[],
    options: { seed: number; augment: boolean },
  ): Promise<Float32Array>;
  /** Ends the workers; batches still under way are rejected. */
  close(): Promise<void>;
}

/** Starts the workers of an image pipeline. */
export function createImagePipeline(options: ImagePipelineOptions): ImagePipeline {
  const { transform, workers, cacheMiB, program = programFile("imageWorker.js") } = options;
  const cacheBytes = (cacheMiB * 2 ** 20) / workers;
  const { pixelCache = null } = options;
  if (pixelCache) preparePixelCache(pixelCache, transform);
  const settings: WorkerSettings = { transform, cacheBytes, pixelCache };
  const lanes = Array.from({ length: workers }, () => new Lane(program, settings));
  /** Which worker keeps a training image; a run's images are dealt out in the order of their first use. */
  const keepers = new Map<string, number>();
  let batches = 0;

  const start = (items: ImageJob["items"], keep: boolean): Promise<Float32Array> => {
    const batch = batches++;
    const shares: Share[] = lanes.map((lane) => ({ lane, slots: [] }));
    for (const [slot, { path }] of items.entries()) {
      let keeper = keepers.get(path);
      if (keeper === undefined) {
        keeper = (keep ? keepers.size : slot) % workers;
        if (keep) keepers.set(path, keeper);
      }
      shares[keeper]!.slots.push(slot);
    }
    const result = gather(batch, items, keep, shares);
    // A batch made ahead may fail long before it is awaited, or never be.
    result.catch(() => {});
    return result;
  };

  return {
    evaluationBatch: (paths) =>
      start(
        paths.map((path) => ({ path, draw: null })),
        false,
      ),
    trainingBatch: (items, { seed, augment }) =>
      start(
        items.map(({ path, sample, epoch }) => ({
          path,
          draw: augment ? { seed, epoch, sample } : null,
        })),
        true,
      ),
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

/** The images of a batch, by position, that one worker makes. */
interface Share {
  lane: Lane;
  slots: number[];
}

const mend =
  "replace that file, or start a new run with data.skipUnreadable set to true, which leaves such images out";

/** Hands out a batch's shares and puts the answers together. */
async function gather(
  batch: number,
  items: ImageJob["items"],
  keep: boolean,
  shares: Share[],
): Promise<Float32Array> {
  const busy = shares.filter(({ slots }) => slots.length > 0);
  const answers = await Promise.all(
    busy.map(({ lane, slots }) =>
      lane.perform({ batch, items: slots.map((slot) => items[slot]!), keep }),
    ),
  );
  let failed: { slot: number; error: Error } | undefined;
  for (const [i, answer] of answers.entries()) {
    if ("pixels" in answer) continue;
    const slot = busy[i]!.slots[answer.failed]!;
    // The first of the batch is named, whichever worker was quicker.
    if (failed && failed.slot < slot) continue;
    const { message, userError } = answer;
    failed = { slot, error: userError ? new UserError(`${message}; ${mend}`) : new Error(message) };
  }
  if (failed) throw failed.error;
  const parts = answers.map((answer) => ("pixels" in answer ? answer.pixels : new Float32Array()));
  if (parts.length < 2) return parts[0] ?? new Float32Array();
  // onnxruntime takes no shared memory, so the parts of several workers are put together by one copy (5 ms for 32 images).
  const length = parts[0]!.length / busy[0]!.slots.length;
  const pixels = new Float32Array(items.length * length);
  for (const [i, part] of parts.entries())
    for (const [k, slot] of busy[i]!.slots.entries())
      pixels.set(part.subarray(k * length, (k + 1) * length), slot * length);
  return pixels;
}

/** One worker and what it was asked for. */
class Lane {
  private readonly worker: Worker;
  private readonly pending = new Map<
    number,
    { resolve: (answer: FromWorker) => void; reject: (error: Error) => void }
  >();
  private ended: Error | undefined;

  constructor(program: string, settings: WorkerSettings) {
    this.worker = new Worker(program, { workerData: settings });
    // An idle worker does not keep the program from ending.
    this.worker.unref();
    this.worker.on("message", (answer: FromWorker) => {
      this.pending.get(answer.batch)?.resolve(answer);
      this.pending.delete(answer.batch);
      if (this.pending.size === 0) this.worker.unref();
    });
    this.worker.on("error", (error) => this.end(error));
    this.worker.on("exit", (code) =>
      this.end(new Error(`an image worker ended with code ${code}`)),
    );
  }

  perform(job: ImageJob): Promise<FromWorker> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.pending.set(job.batch, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage(job satisfies ToWorker);
    });
  }

  async close(): Promise<void> {
    if (this.ended) return;
    const exit = new Promise((resolve) => this.worker.once("exit", resolve));
    this.end(new InternalError("the image pipeline was closed before its batch was awaited"));
    this.worker.ref();
    this.worker.postMessage("close" satisfies ToWorker);
    await exit;
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}
