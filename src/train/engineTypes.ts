import type { ParameterSlot } from "../models/lora";

/** What the random draws of a step are a function of. */
export interface Draw {
  seed: number;
  step: number;
}

/** A batch of training images. */
export interface Batch {
  /** [n, 3, S, S] */
  pixels: Float32Array;
  labels: Int32Array;
  /** Names each image for the whole run; its dropout masks are a function of it. */
  sampleIds: Int32Array;
}

/** What one pass over a batch gives. */
export interface LossAndGradient {
  /** Mean cross-entropy over the batch. */
  loss: number;
  correct: number;
  /** dL/dtheta, laid out as theta. */
  gradient: Float32Array;
  /** [n, K] */
  logits: Float32Array;
}

/** The adapted CLIP as the loop sees it. `theta` is all LoRA values as one float32 vector, laid out by `layout`. */
export interface Engine {
  /** E.g. "cpu (2 threads)". */
  readonly device: string;
  readonly deviceReason: string;
  readonly layout: ParameterSlot[];
  readonly parameterCount: number;
  initialParameters(seed: number): Float32Array;
  /**
   * Mean cross-entropy over the batch, its gradient, and the hits; dropout as the draw says. The backward pass runs
   * with the loss multiplied by `lossScale`, which is divided out of the result.
   */
  lossAndGradient(
    theta: Float32Array,
    batch: Batch,
    draw: Draw,
    lossScale?: number,
  ): Promise<LossAndGradient>;
  /** L2-normalised class embeddings [K, d]; theta null is CLIP without adapters. */
  classEmbeddings(theta: Float32Array | null, prompts: readonly string[]): Promise<Float32Array>;
  /**
   * L2-normalised image features [n, d]. `all` is how many images are to be measured, of which these are some: for many the
   * engine may prepare more. It must not change while they are, for features may depend on it in the last digit.
   */
  imageFeatures(
    theta: Float32Array | null,
    pixels: Float32Array,
    count: number,
    all?: number,
  ): Promise<Float32Array>;
  close(): Promise<void>;
}
