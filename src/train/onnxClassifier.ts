import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { plainDialect, toOnnx } from "../graph/onnx";
import { classifierProgram } from "../models/graphs";
import type { Snapshot } from "../models/types";
import { openSession } from "../runtime/session";
import { writeAtomically, writeJsonAtomically } from "../util/writeAtomically";

/** A classifier of images as a file of standard ONNX, and what must be known to use it. */
const graphFile = "classifier.onnx";
const settingsFile = "classifier.json";

/** What classifier.json says. */
export interface ClassifierSettings {
  /** In the order of the probabilities. */
  classes: readonly string[];
  /** The prompt of the class embeddings that the graph holds; "{}" stands for a class. */
  template: string;
  /** Float32, [images, 3, side, side]. */
  input: { name: "pixel_values"; shape: number[] };
  /** Float32, [images, classes]; each row's sum is 1. */
  output: { name: "probabilities"; shape: number[] };
  /**
   * From an image to its pixel values: RGB; the short side resized to `resize` as Pillow's bicubic does it; the middle `crop` x `crop`,
   * where half a pixel is rounded down or to the even number; divided by 255, less `mean`, divided by `std` (red, green, blue).
   */
  preprocessing: {
    resize: number;
    crop: number;
    oddMargin: "down" | "even";
    mean: number[];
    std: number[];
  };
}

/**
 * Writes classifier.onnx and classifier.json beside the weights of a CLIP without adapters, which the graph's initializers point
 * into; of its own it has the class embeddings, [K, d] of length 1. It takes `batch` images at once.
 */
export async function writeClassifier(
  merged: Snapshot,
  embeddings: Float32Array,
  { classes, template, batch }: { classes: readonly string[]; template: string; batch: number },
): Promise<void> {
  const { folder, config, preprocessor } = merged;
  const { size, cropSize, oddMargin, mean, std } = preprocessor;
  const side = config.vision.imageSize;
  // Standard ONNX alone, for any provider.
  const bytes = toOnnx(classifierProgram(merged, batch, embeddings), plainDialect);
  const settings: ClassifierSettings = {
    classes,
    template,
    input: { name: "pixel_values", shape: [batch, 3, side, side] },
    output: { name: "probabilities", shape: [batch, classes.length] },
    preprocessing: { resize: size, crop: cropSize, oddMargin, mean, std },
  };
  await writeAtomically(join(folder, graphFile), (file) => file.writeFile(bytes));
  await writeJsonAtomically(join(folder, settingsFile), settings);
}

/** The probabilities [images, K] that a classifier on disk gives to pixel values [images, 3, side, side], read as others read it. */
export async function classify(
  folder: string,
  pixels: Float32Array,
  shape: readonly number[],
): Promise<Float32Array> {
  const session = await openSession(await readFile(join(folder, graphFile)), {
    device: { kind: "cpu" },
    weightsFolder: folder,
  });
  try {
    const out = await session.run({ pixel_values: { dtype: "float32", shape, data: pixels } });
    return out["probabilities"]!.data as Float32Array;
  } finally {
    await session.release();
  }
}
