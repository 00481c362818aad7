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
import { emptyTensor } from "./feeds";
import { promptFeeds, type PromptPasses, promptPasses } from "./promptPasses";

type Feeds = Record<string, HostTensor>;
/** Adapters and masks of some classes. */
export type TextFeeds = (classes: Int32Array, shape: PromptShape) => Feeds;

export interface TextPassOptions {
  program: ClipProgram;
  prompts: PromptBatch;
  /** Classes per pass, at most. */
  classes: number;
  /**
   * Bytes of activations that may be kept from the forward to the backward pass; classes beyond are computed again. Null keeps none
   * and lets the backward pass hold its own: on a GPU activations would travel to main memory and back.
   */
  keptBytes: number | null;
  open: (key: string, build: () => Record<string, Tensor>) => Promise<Session>;
}

/** The text encoder's passes over the training classes: class embeddings, and later the gradient from dL/d(embeddings). */
export class TextPasses {
  private readonly passes: PromptPasses["passes"];
  private readonly shape: PromptShape;
  private sessions: { forward: Session; backward: Session } | null = null;
  /** What each pass writes for its backward pass; those that are not kept share one. */
  private memory: Feeds[] = [];
  /** The pass whose activations each memory holds. */
  private readonly holds = new Map<Feeds, number>();

  constructor(private readonly options: TextPassOptions) {
    const { shape, passes } = promptPasses(options.prompts, options.classes);
    this.passes = passes;
    this.shape = shape;
  }

  /** Class embeddings [K, d] of length 1. */
  async embed(feedsOf: TextFeeds): Promise<Float32Array> {
    const { prompts, program } = this.options;
    const { forward } = await this.opened();
    const width = program.snapshot.config.projectionDim;
    const embeddings = new Float32Array(prompts.count * width);
    for (const [i, classes] of this.passes.entries()) {
      const out = await forward.run(this.feeds(i, feedsOf), this.hold(i));
      scatterRows(out.features!.data as Float32Array, classes, embeddings, width);
    }
    return embeddings;
  }

  /** The gradients of each pass, after `embed` with the same feeds. */
  async *gradients(feedsOf: TextFeeds, cotangent: Float32Array): AsyncGenerator<Feeds> {
    const { count } = this.shape;
    const { forward, backward } = await this.opened();
    const width = cotangent.length / this.options.prompts.count;
    // Backwards: the last pass is the one that a shared memory still holds.
    for (const [i, classes] of [...this.passes.entries()].reverse()) {
      const feeds = this.feeds(i, feedsOf);
      const memory = this.memory[i]!;
      if (this.holds.get(memory) !== i) await forward.run(feeds, this.hold(i));
      const own = new Float32Array(count * width);
      classes.forEach((k, row) =>
        own.set(cotangent.subarray(k * width, (k + 1) * width), row * width),
      );
      yield await backward.run({
        ...feeds,
        ...memory,
        cotangent: { dtype: "float32", shape: [count, width], data: own },
      });
    }
  }

  /** Lets go of the sessions, which whoever opened them releases, and of what is kept for them. */
  forget(): void {
    this.sessions = null;
    this.memory = [];
    this.holds.clear();
  }

  private feeds(pass: number, feedsOf: TextFeeds): Feeds {
    const { shape } = this;
    const classes = this.passes[pass]!;
    return { ...feedsOf(classes, shape), ...promptFeeds(this.options.prompts, classes, shape) };
  }

  private hold(pass: number): Feeds {
    const memory = this.memory[pass]!;
    this.holds.set(memory, pass);
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
      this.memory = this.passes.map(() => ({}));
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
    const sharing = sharingPasses(this.passes.length, each, keptBytes);
    this.memory = this.passes.map((_, i) => (i < this.passes.length - sharing ? make() : shared));
    return {
      forward: await open("text forward", () => first),
      backward: await open("text backward", () => second),
    };
  }
}

/**
 * How many of the passes, of `each` bytes, share one memory, so that all of them but one are computed again. What they share is
 * not counted among `keptBytes`: it is there in any case.
 */
export function sharingPasses(passes: number, each: number, keptBytes: number): number {
  return Math.max(1, passes - Math.floor(keptBytes / each));
}

/** Row i of `rows` becomes row `classes[i]` of `table`; both are `width` wide. */
export function scatterRows(
  rows: Float32Array,
  classes: Int32Array,
  table: Float32Array,
  width: number,
): void {
  classes.forEach((k, i) => table.set(rows.subarray(i * width, (i + 1) * width), k * width));
}
