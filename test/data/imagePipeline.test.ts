import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { decodeRgb } from "../../src/data/decode";
import {
  createImagePipeline,
  type ImagePipeline,
  type ImagePipelineOptions,
} from "../../src/data/imagePipeline";
import {
  augmentation,
  cropPixels,
  evaluationPixels,
  normalisation,
  writeNormalised,
} from "../../src/data/transforms";
import { UserError } from "../../src/util/errors";
import { temporaryFolder } from "../support/temporaryFolder";
import { builtWorker } from "./builtWorker";
import { clipTransform, kindFile } from "./imageReference";

const program = builtWorker("pipeline");
const transform = { ...clipTransform, size: 24, cropSize: 20 };
const files = ["colour.png", "s420.jpg", "turned.jpg", "palette.gif", "cmyk.jpg"].map(kindFile);

const opened: ImagePipeline[] = [];
function pipeline(options: Partial<ImagePipelineOptions> = {}): ImagePipeline {
  const made = createImagePipeline({ transform, workers: 2, cacheMiB: 8, program, ...options });
  opened.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((made) => made.close()));
});

const items = (paths: string[], epoch: number) =>
  paths.map((path, i) => ({ path, sample: 10 + i, epoch }));

/** Copies of the files in a folder of their own, which a test may remove. */
function copies(): string[] {
  const folder = temporaryFolder();
  return files.map((file, i) => {
    const copy = join(folder, `${i}-${file.split("/").at(-1)!}`);
    copyFileSync(file, copy);
    return copy;
  });
}

async function expected(paths: string[], seed: number, epoch: number | null) {
  const table = normalisation(transform);
  const length = 3 * transform.cropSize ** 2;
  const pixels = new Float32Array(paths.length * length);
  for (const [i, path] of paths.entries()) {
    const image = await decodeRgb(path);
    if (epoch === null) {
      writeNormalised(evaluationPixels(image, transform), table, pixels, i * length, false);
      continue;
    }
    const { box, flip } = augmentation(image.width, image.height, { seed, epoch, sample: 10 + i });
    writeNormalised(cropPixels(image, box, transform), table, pixels, i * length, flip);
  }
  return pixels;
}

describe("image pipeline", () => {
  it.each([1, 2, 3])("gives what the transforms give, with %i workers", async (workers) => {
    const made = pipeline({ workers });
    const evaluated = made.evaluationBatch(files);
    const plain = made.trainingBatch(items(files, 4), { seed: 7, augment: false });
    const augmented = made.trainingBatch(items(files, 4), { seed: 7, augment: true });
    expect(await evaluated).toEqual(await expected(files, 7, null));
    expect(await plain).toEqual(await evaluated);
    expect(await augmented).toEqual(await expected(files, 7, 4));
    expect(await made.evaluationBatch([])).toEqual(new Float32Array());
  });

  it("decodes no kept image twice", async () => {
    const made = pipeline();
    const paths = copies();
    const options = { seed: 1, augment: true };
    await made.trainingBatch(items(paths, 0), options);
    const reference = await expected(paths, 1, 1);
    for (const path of paths) rmSync(path);
    expect(await made.trainingBatch(items(paths, 1), options)).toEqual(reference);
    expect(await made.trainingBatch(items(paths.toReversed(), 2), options)).toHaveLength(
      reference.length,
    );
  });

  it("keeps no more than the cache may hold, and no images that are only measured", async () => {
    const none = pipeline({ cacheMiB: 0 });
    const ample = pipeline();
    const paths = copies();
    await none.trainingBatch(items(paths, 0), { seed: 1, augment: true });
    await ample.evaluationBatch(paths);
    for (const path of paths) rmSync(path);
    const again = none.trainingBatch(items(paths, 1), { seed: 1, augment: true });
    await expect(again).rejects.toThrow(`${paths[0]} cannot be read`);
    await expect(ample.evaluationBatch(paths)).rejects.toThrow(`${paths[0]} cannot be read`);
  });

  it("works on while the calling thread is blocked", async () => {
    const made = pipeline();
    await made.evaluationBatch(files);
    const paths = copies();
    const reference = await expected(paths, 1, null);
    const ahead = [0, 1, 2].map(() => made.evaluationBatch(paths));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    // What was not decoded by now can no longer be.
    for (const path of paths) rmSync(path);
    for (const batch of ahead) expect(await batch).toEqual(reference);
  });

  it("names the first file that cannot be decoded, and goes on", async () => {
    const made = pipeline();
    const folder = temporaryFolder({ "a.jpg": "", "b.jpg": "hello" });
    const [a, b] = [join(folder, "a.jpg"), join(folder, "b.jpg")];
    const bad = made.evaluationBatch([files[0]!, b, a]);
    const alsoBad = made.trainingBatch(items([a, b, files[0]!], 0), { seed: 1, augment: true });
    const good = made.evaluationBatch(files);
    await expect(bad).rejects.toThrow(UserError);
    await expect(bad).rejects.toThrow(`${b} is not an image`);
    await expect(bad).rejects.toThrow(
      /; replace that file, or .* data\.skipUnreadable set to true/,
    );
    await expect(alsoBad).rejects.toThrow(`${a} is empty`);
    expect(await good).toEqual(await expected(files, 1, null));
  });

  it("rejects what was not finished when it is closed, quietly where nobody waits", async () => {
    const made = pipeline({ workers: 1 });
    const many = Array.from({ length: 200 }, () => files).flat();
    const awaited = made.evaluationBatch(many);
    void made.evaluationBatch(many);
    await made.close();
    await expect(awaited).rejects.toThrow("closed");
    await expect(made.evaluationBatch(files)).rejects.toThrow("closed");
    await made.close();
  });

  it("says so when a worker cannot start", async () => {
    const made = pipeline({ program: join(temporaryFolder(), "missing.js") });
    await expect(made.evaluationBatch(files)).rejects.toThrow("missing.js");
  });
});
