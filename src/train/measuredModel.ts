import type { Engine } from "./engineTypes";

/** One model (a checkpoint, or CLIP without adapters) while it is measured on split after split. */
export interface MeasuredModel {
  /** Whether it has an adapter. */
  isAdapted: boolean;
  /** L2-normalised embeddings of prompts, [K, d]. */
  classEmbeddings(prompts: readonly string[]): Promise<Float32Array>;
  /** L2-normalised features of images [n, 3, S, S]: [n, d]. */
  imageFeatures(pixels: Float32Array, count: number): Promise<Float32Array>;
}

/**
 * The model whose LoRA values are `theta` (null: CLIP without adapters); `images` are to be measured in all (see `Engine`).
 * Each distinct prompt is encoded once, however many classes and splits it has: ImageNet's four test sets ask for its own names
 * again, and of ImageNet's two missiles and two pairs of sunglasses the scores must be equal to the bit for the first of
 * them to win on every device.
 */
export function modelAt(
  engine: Pick<Engine, "classEmbeddings" | "imageFeatures">,
  theta: Float32Array | null,
  images?: number,
): MeasuredModel {
  const known = new Map<string, Float32Array>();
  return {
    isAdapted: theta !== null,
    async classEmbeddings(prompts) {
      const missing = [...new Set(prompts)].filter((prompt) => !known.has(prompt));
      if (missing.length > 0) {
        const embedded = await engine.classEmbeddings(theta, missing);
        const width = embedded.length / missing.length;
        missing.forEach((prompt, row) =>
          known.set(prompt, embedded.subarray(row * width, (row + 1) * width)),
        );
      }
      const rows = prompts.map((prompt) => known.get(prompt)!);
      const classes = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
      rows.forEach((row, label) => classes.set(row, label * row.length));
      return classes;
    },
    imageFeatures: (pixels, count) => engine.imageFeatures(theta, pixels, count, images),
  };
}
