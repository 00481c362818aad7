import type { Tensor } from "../graph/tensor";
import {
  type ClipProgram,
  type PromptShape,
  textFeatureProgram,
  textGradientProgram,
  textProgramInParts,
} from "../models/graphs";
import type { PromptBatch } from "../models/prompts";
import type { HostTensor, Session } from "../runtime/session";
import { chunksOf, emptyTensor, padded, promptFeeds } from "./feeds";

type Feeds = Record<string, HostTensor>;
type Range = [start: number, end: number];

export interface TextPassOptions {
  program: ClipProgram;
  prompts: PromptBatch;
  /** Classes per pass. */
  chunk: number;
  /**
   * Bytes of activations that may be kept from the forward to the backward pass; classes beyond are computed again. Null keeps none
   * and lets the backward pass hold its own: on a GPU activations would travel to main memory and back.
   */
  keptBytes: number | null;
  open: (key: string, build: () => Record<string, Tensor>) => Promise<Session>;
}

/** The text encoder's passes over the training classes: class embeddings, and later the gradient from dL/d(embeddings). */
export class TextPasses {
  private readonly chunks: Range[];
  private readonly shape: PromptShape;
  private sessions: { forward: Session; backward: Session } | null = null;
  /** What each chunk writes for its backward pass; those that are not kept share one. */
  private memory: Feeds[] = [];
  /** The chunk whose activations each memory holds. */
  private readonly holds = new Map<Feeds, number>();

  constructor(private readonly options: TextPassOptions) {
    const { prompts, chunk } = options;
    this.chunks = chunksOf(prompts.count, chunk);
    this.shape = { prefix: prompts.prefix.length, length: prompts.length, count: chunk };
  }

  /** Class embeddings [K, d] of length 1. `feedsOf` gives adapters and masks of classes `start` and on. */
  async embed(feedsOf: (start: number, shape: PromptShape) => Feeds): Promise<Float32Array> {
    const { prompts, program } = this.options;
    const { forward } = await this.opened();
    const width = program.snapshot.config.projectionDim;
    const classes = new Float32Array(prompts.count * width);
    for (const [i, [start, end]] of this.chunks.entries()) {
      const out = await forward.run(this.feeds(i, feedsOf), this.hold(i));
      const features = out.features!.data as Float32Array;
      classes.set(features.subarray(0, (end - start) * width), start * width);
    }
    return classes;
  }

  /** The gradients of each chunk, after `embed` with the same feeds. */
  async *gradients(
    feedsOf: (start: number, shape: PromptShape) => Feeds,
    cotangent: Float32Array,
  ): AsyncGenerator<Feeds> {
    const { chunk } = this.options;
    const { forward, backward } = await this.opened();
    const width = cotangent.length / this.options.prompts.count;
    // Backwards: the last chunk is the one that a shared memory still holds.
    for (const [i, [start, end]] of [...this.chunks.entries()].reverse()) {
      const feeds = this.feeds(i, feedsOf);
      const memory = this.memory[i]!;
      if (this.holds.get(memory) !== i) await forward.run(feeds, this.hold(i));
      yield await backward.run({
        ...feeds,
        ...memory,
        cotangent: {
          dtype: "float32",
          shape: [chunk, width],
          data: padded(cotangent.subarray(start * width, end * width), chunk * width),
        },
      });
    }
  }

  private feeds(chunk: number, feedsOf: (start: number, shape: PromptShape) => Feeds): Feeds {
    const range = this.chunks[chunk]!;
    return {
      ...feedsOf(range[0], this.shape),
      ...promptFeeds(this.options.prompts, range, this.options.chunk),
    };
  }

  private hold(chunk: number): Feeds {
    const memory = this.memory[chunk]!;
    this.holds.set(memory, chunk);
    return memory;
  }

  private async opened(): Promise<{ forward: Session; backward: Session }> {
    return (this.sessions ??= await this.openSessions());
  }

  private async openSessions(): Promise<{ forward: Session; backward: Session }> {
    const { program, keptBytes, open } = this.options;
    const dropout = program.lora.dropout > 0;
    const { shape } = this;
    if (keptBytes === null) {
      this.memory = this.chunks.map(() => ({}));
      return {
        forward: await open("text features", () => textFeatureProgram(program, shape, dropout)),
        backward: await open("text gradient", () => textGradientProgram(program, shape, dropout)),
      };
    }
    const { first, second, kept } = textProgramInParts(program, shape, dropout);
    const make = (): Feeds =>
      Object.fromEntries([...kept].map(([name, node]) => [name, emptyTensor(node)]));
    const shared = make();
    const each = Object.values(shared).reduce((sum, { data }) => sum + data.byteLength, 0);
    const owners = Math.floor(keptBytes / each);
    this.memory = this.chunks.map((_, i) =>
      i < owners && this.chunks.length > 1 ? make() : shared,
    );
    return {
      forward: await open("text forward", () => first),
      backward: await open("text backward", () => second),
    };
  }
}
