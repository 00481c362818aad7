import { copyFileSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
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

/** The same picture under a name of which no cache knows. */
function copied(path: string): string {
  const copy = `${path.slice(0, -4)}-copy${path.slice(-4)}`;
  copyFileSync(path, copy);
  return copy;
}

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

test("training images are not kept", async () => {
  const items = pictures().map((path, sample) => ({ path, sample, epoch: 0 }));
  const cache = { folder: temporaryFolder(), maxBytes: 2 ** 20 };
  await pipeline(cache).trainingBatch(items, { seed: 1, augment: false });
  expect(readdirSync(join(cache.folder, "24-20"))).toEqual([]);
});

/** Puts images of a transform into a cache; the first is the oldest, written `age` seconds ago. */
function fill(place: string, count: number, bytes: number, age: number): void {
  mkdirSync(place, { recursive: true });
  for (let i = 0; i < count; i++) {
    const file = join(place, `old${i}`);
    writeFileSync(file, new Uint8Array(bytes));
    const time = new Date(Date.now() - (age - i) * 1000);
    utimesSync(file, time, time);
  }
}

test("the older quarter of a full cache makes room, of whatever size; all together keep to the bound", async () => {
  const paths = pictures();
  const folder = temporaryFolder();
  const other = join(folder, "12-10");
  const place = join(folder, "24-20");
  // Of four times as many bytes; together they fill the cache.
  fill(place, 10, imageBytes, 100);
  fill(other, 40, imageBytes / 4, 1000);
  writeFileSync(join(folder, "note.txt"), "somebody else's");
  const bounded = { folder, maxBytes: 20 * imageBytes };
  const expected = await pipeline(null).evaluationBatch(paths);
  expect(await pipeline(bounded).evaluationBatch(paths)).toEqual(expected);
  expect(readdirSync(other).sort()).toEqual(
    Array.from({ length: 20 }, (_, i) => `old${i + 20}`).sort(),
  );
  expect(readdirSync(place)).toHaveLength(10 + paths.length);

  // The next one makes room for five, which another size fills meanwhile: nothing more is written.
  const again = pipeline(bounded);
  fill(join(folder, "6-5"), 5 * 16, imageBytes / 16, 10);
  expect(await again.evaluationBatch(paths.map((path) => copied(path)))).toEqual(expected);
  expect(readdirSync(place)).toHaveLength(10 + paths.length);
});

test("a bound of few images keeps as many", async () => {
  const paths = pictures();
  const cache = { folder: temporaryFolder(), maxBytes: 2 * imageBytes };
  const one = createImagePipeline({
    ...{ transform, workers: 1, cacheMiB: 8, program },
    pixelCache: cache,
  });
  opened.push(one);
  await one.evaluationBatch(paths);
  await one.evaluationBatch(paths);
  expect(readdirSync(join(cache.folder, "24-20"))).toHaveLength(2);
});
