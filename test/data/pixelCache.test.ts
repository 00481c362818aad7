import { copyFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createImagePipeline, type ImagePipeline } from "../../src/data/imagePipeline";
import { temporaryFolder } from "../support/temporaryFolder";
import { builtWorker } from "./builtWorker";
import { clipTransform, kindFile } from "./imageReference";

const program = builtWorker("pixelCache");
// Another size before the crop than after it, so that a transform applied twice would show.
const transform = { ...clipTransform, size: 24, cropSize: 20 };
const imageBytes = 3 * 20 * 20;

const opened: ImagePipeline[] = [];
function pipeline(cache: { folder: string; maxBytes: number } | null): ImagePipeline {
  const made = createImagePipeline({
    ...{ transform, workers: 2, cacheMiB: 8, program },
    pixelCache: cache,
  });
  opened.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((made) => made.close()));
});

/** Files of a kind each, copied so that a test may change them. */
function pictures(): string[] {
  const folder = temporaryFolder();
  return ["colour.png", "s420.jpg", "turned.jpg"].map((name) => {
    copyFileSync(kindFile(name), join(folder, name));
    return join(folder, name);
  });
}

test("gives what decoding gives, reads it from the disk later, and decodes a changed file anew", async () => {
  const paths = pictures();
  const expected = await pipeline(null).evaluationBatch(paths);
  const cache = { folder: temporaryFolder(), maxBytes: 2 ** 20 };
  expect(await pipeline(cache).evaluationBatch(paths)).toEqual(expected);
  const place = join(cache.folder, "24-20");
  expect(readdirSync(place)).toHaveLength(3);
  expect(await pipeline(cache).evaluationBatch(paths)).toEqual(expected);

  // That the second time came from the disk shows when what is kept there is another picture.
  for (const name of readdirSync(place))
    writeFileSync(join(place, name), new Uint8Array(imageBytes).fill(255));
  const white = await pipeline(cache).evaluationBatch(paths);
  expect(new Set(white).size).toBe(3);

  // A file that changed is another key; one that is cut short in the cache does not count.
  utimesSync(paths[0]!, new Date(), new Date(Date.now() - 60_000));
  for (const name of readdirSync(place)) writeFileSync(join(place, name), new Uint8Array(10));
  expect(await pipeline(cache).evaluationBatch(paths)).toEqual(expected);
  expect(readdirSync(place)).toHaveLength(4);
});

test("training images are not kept, and a full cache takes no more", async () => {
  const paths = pictures();
  const cache = { folder: temporaryFolder(), maxBytes: 2 ** 20 };
  const place = join(cache.folder, "24-20");
  const items = paths.map((path, sample) => ({ path, sample, epoch: 0 }));
  await pipeline(cache).trainingBatch(items, { seed: 1, augment: false });
  expect(readdirSync(place)).toEqual([]);

  const full = { ...cache, maxBytes: 20 * imageBytes };
  for (let i = 0; i < 20; i++) {
    writeFileSync(join(place, `old${i}`), new Uint8Array(imageBytes));
    utimesSync(join(place, `old${i}`), new Date(), new Date(Date.now() - (100 - i) * 1000));
  }
  const expected = await pipeline(null).evaluationBatch(paths);
  expect(await pipeline(full).evaluationBatch(paths)).toEqual(expected);
  const left = readdirSync(place);
  // The older quarter made room when it was opened; nothing more is written so close to the bound.
  expect(left.sort()).toEqual(Array.from({ length: 15 }, (_, i) => `old${i + 5}`).sort());
  expect(left.reduce((sum, name) => sum + statSync(join(place, name)).size, 0)).toBeLessThan(
    full.maxBytes,
  );
});
