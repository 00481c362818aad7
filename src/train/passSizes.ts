import type { ClipConfig, EncoderConfig } from "../models/types";

/** How much the engine takes on and keeps; it changes memory and speed, never the gradient beyond rounding. */
export interface PassSizes {
  /** Images per pass of the image encoder. */
  microBatchSize: number;
  /** Classes per pass of the text encoder. */
  classChunkSize: number;
  /**
   * Bytes of the text encoder's activations that are kept from its forward to its backward pass, in place of computing
   * them again; null where they would have to leave a GPU for it.
   */
  keptTextBytes: number | null;
  /**
   * Whether a whole batch and all classes go through one graph, forward and backward: on a GPU that holds them all at once.
   * Nothing is then computed twice and only adapters and gradients travel, and one pass starts fewer small programs.
   */
  wholeStep: boolean;
  /**
   * Whether sessions for training and for measuring are never there together: in main memory, where weights are large. What the
   * others would hold is better spent on activations that need not be computed again.
   */
  separatePhases: boolean;
  /** Whether the image encoder's matrices are kept in the layout of the products besides being mapped. */
  packImage: boolean;
  /** Whether the text encoder's are as well. */
  packText: boolean;
}

const MiB = 2 ** 20;

/** Packed weights of at least so many bytes are not kept beside what measuring maps. */
const largeWeights = 128 * MiB;

/**
 * Beyond this much activation memory a pass on the CPU only gets slower (ViT-B/16 on two cores with 16 MiB of L3 cache
 * each: 2 images 360, 4 images 345, 8 images 330 GFLOP/s): activations no longer stay in the processor's caches.
 */
const cpuPassBytes = 350 * MiB;

/** Sizes for "auto" (null) or as configured; passes are made equal, so that the last one is not mostly padding. */
export function passSizes(
  clip: ClipConfig,
  wanted: Record<"microBatchSize" | "classChunkSize", number | null>,
  run: {
    batchSize: number;
    classes: number;
    /** Rows of the text encoder that a class takes, on average; see tokensPerClass. */
    promptTokens: number;
    /** Own tokens of the longest prompt, by default as many. */
    longestPrompt?: number;
    memoryBytes: number;
    precision: "float32" | "float16";
    cpu: boolean;
  },
): PassSizes {
  const { imageSize, patchSize } = clip.vision;
  // On the CPU float16 is for tests of a GPU's arithmetic, and its sizes are those of float32.
  const element = !run.cpu && run.precision === "float16" ? 0.5 : 1;
  const perImage = element * activationBytes(clip.vision, (imageSize / patchSize) ** 2 + 1);
  const perClass = element * activationBytes(clip.text, run.promptTokens, run.longestPrompt);
  // The image session and the two text sessions keep their arenas beside each other.
  const share = (part: number, most: number): number =>
    Math.min(run.memoryBytes * part, run.cpu ? most : Infinity);
  const fit = (bytes: number, each: number, count: number): number =>
    evenly(count, Math.max(1, Math.floor(bytes / each)));
  const [image, text] = [packedBytes(clip.vision), packedBytes(clip.text)];
  const packable = 0.4 * run.memoryBytes;
  const wholeStep =
    !run.cpu &&
    (wanted.microBatchSize ?? run.batchSize) >= run.batchSize &&
    (wanted.classChunkSize ?? run.classes) >= run.classes &&
    run.batchSize * perImage + run.classes * perClass <= 0.75 * run.memoryBytes;
  if (wholeStep)
    return {
      microBatchSize: run.batchSize,
      classChunkSize: run.classes,
      keptTextBytes: null,
      wholeStep,
      separatePhases: false,
      packImage: false,
      packText: false,
    };
  return {
    microBatchSize: Math.min(
      wanted.microBatchSize ?? fit(share(0.5, cpuPassBytes), perImage, run.batchSize),
      run.batchSize,
    ),
    classChunkSize: Math.min(
      wanted.classChunkSize ?? fit(share(0.25, 0.6 * cpuPassBytes), perClass, run.classes),
      run.classes,
    ),
    keptTextBytes: run.cpu ? 0.25 * run.memoryBytes : null,
    wholeStep,
    separatePhases: run.cpu && image + text >= largeWeights,
    packImage: run.cpu && image <= packable,
    packText: run.cpu && image + text <= packable,
  };
}

/** Bytes of the results of matrix products that one sequence keeps for the backward pass: queries, keys, values, scores, sums, MLP. */
export function keptBytes(config: EncoderConfig, tokens: number, longest = tokens): number {
  const { layers, hiddenSize, intermediateSize, heads } = config;
  const scores = 2 * heads * longest ** 2;
  return 4 * layers * (tokens * (5 * hiddenSize + intermediateSize) + scores);
}

/** Bytes of an encoder's matrices in the layout of products, once for the forward and once for the backward pass. */
export function packedBytes({ layers, hiddenSize, intermediateSize }: EncoderConfig): number {
  return 2 * 4 * layers * (4 * hiddenSize ** 2 + 2 * hiddenSize * intermediateSize);
}

/**
 * Bytes that one sequence of `tokens` keeps for the backward pass of an encoder, fitted to measurement (ViT-B/16: 165 MB
 * an image, 2.1 MB a class of five own tokens) and rounded up. Attention sees ragged sequences in a grid, in which each is as
 * long as the longest: queries, keys, values, their result and the scores take that much.
 */
export function activationBytes(config: EncoderConfig, tokens: number, longest = tokens): number {
  const { layers, hiddenSize, intermediateSize, heads } = config;
  const scores = 1.5 * heads * longest;
  const perToken = 7 * hiddenSize + 2.75 * intermediateSize + scores;
  const perEmptyCell = 4 * hiddenSize + scores;
  return 4 * layers * (tokens * perToken + (longest - tokens) * perEmptyCell);
}

/** The size of each of the fewest equal pieces of `count` that are no larger than `most`. */
function evenly(count: number, most: number): number {
  return Math.ceil(count / Math.ceil(count / most));
}
