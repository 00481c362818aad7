import { dirname } from "node:path";
import { type Dialect, toOnnx } from "../graph/onnx";
import type { Tensor } from "../graph/tensor";
import { gradientOf, poolName, thetaName } from "../models/adapterInputs";
import { dropoutPool } from "../models/dropout";
import {
  type ClipProgram,
  imageFeatureProgram,
  imageLossProgram,
  type PromptShape,
  textFeatureProgram,
  wholeStepProgram,
} from "../models/graphs";
import {
  initialParameters,
  type LoraSpec,
  loraSites,
  type ParameterSlot,
  parameterLayout,
} from "../models/lora";
import { type PromptBatch, promptBatch } from "../models/prompts";
import type { Snapshot } from "../models/types";
import { type Device, type HostTensor, openSession, type Session } from "../runtime/session";
import { argmax } from "./argmax";
import type { Batch, Draw, Engine, LossAndGradient } from "./engineTypes";
import { chunksOf, imageRows, padded } from "./feeds";
import type { PassSizes } from "./passSizes";
import { promptFeeds, promptPasses, textRows } from "./promptPasses";
import { scatterRows, type TextFeeds, TextPasses } from "./textPasses";

export interface EngineOptions extends PassSizes {
  snapshot: Snapshot;
  lora: LoraSpec;
  /** Token ids of a prompt with begin and end of text, cut to the context. */
  encode: (prompt: string) => number[];
  /** The prompts of the training classes, in label order. */
  prompts: readonly string[];
  device: Device;
  deviceName: string;
  deviceReason: string;
  threads: number;
  precision: "float32" | "float16";
  /** Whether adapters and gradients travel as one tensor each; by default on a GPU. */
  packAdapters?: boolean;
}

type Feeds = Record<string, HostTensor>;

/** What the passes of one step share, and where their results are added up. */
interface StepFeeds {
  adapters: Feeds;
  draw: Draw;
  lossScale: number;
  result: LossAndGradient;
}

/**
 * Images from which on it pays to pack weights for measuring them: half a second for ViT-B/16, of whose 190 ms an image then takes a
 * tenth less (two cores).
 */
const packedFrom = 64;

/** What sessions are for: gradients with dropout, or features without. */
type Phase = "training" | "measuring";

/**
 * The adapted CLIP on onnxruntime. Sessions are opened when first used and stay until `close`; with `separatePhases` those for training
 * are closed when measuring begins, and the other way round. Opening them anew takes a second or two for ViT-B/16.
 */
export class ClipEngine implements Engine {
  readonly device: string;
  readonly deviceReason: string;
  readonly layout: ParameterSlot[];
  readonly parameterCount: number;

  private readonly program: ClipProgram;
  private readonly trainPrompts: PromptBatch;
  private readonly sessions: Record<Phase, Map<string, Promise<Session>>> = {
    training: new Map(),
    measuring: new Map(),
  };
  /** Null where the text encoder has no adapters: its embeddings are then computed once. */
  private readonly textPasses: TextPasses | null;
  private frozenClasses: Float32Array | null = null;
  private pools: { key: string; feeds: Feeds } | null = null;

  constructor(private readonly options: EngineOptions) {
    const { snapshot, lora, precision, prompts, encode } = options;
    const sites = loraSites(snapshot.config, lora);
    // In main memory tensors do not travel.
    const packed = options.packAdapters ?? options.device.kind !== "cpu";
    this.program = { snapshot, sites, lora, dtype: precision, packed };
    this.layout = parameterLayout(sites, lora.rank);
    this.parameterCount = this.layout.reduce((sum, { size }) => sum + size, 0);
    this.device = options.deviceName;
    this.deviceReason = options.deviceReason;
    this.trainPrompts = promptBatch(prompts.map(encode), snapshot.config.text);
    this.textPasses = sites.some((site) => site.encoder === "text")
      ? new TextPasses({
          program: { ...this.program, idleUnits: options.packText },
          prompts: this.trainPrompts,
          classes: options.classChunkSize,
          keptBytes: options.keptTextBytes,
          open: (key, build) => this.session("training", key, build, options.packText),
        })
      : null;
  }

  initialParameters(seed: number): Float32Array {
    return initialParameters(this.layout, seed);
  }

  async lossAndGradient(
    theta: Float32Array,
    batch: Batch,
    draw: Draw,
    lossScale = 1,
  ): Promise<LossAndGradient> {
    const adapters = this.adapterFeeds(theta);
    const textFeeds: TextFeeds = (classes, shape) => ({
      ...adapters,
      ...(this.options.lora.dropout > 0 ? this.textMasks(draw, classes, shape) : {}),
    });
    const result: LossAndGradient = {
      loss: 0,
      correct: 0,
      gradient: new Float32Array(this.parameterCount),
      logits: new Float32Array(batch.labels.length * this.trainPrompts.count),
    };
    const step = { adapters, draw, lossScale, result };
    if (!this.textPasses) this.frozenClasses ??= await this.embedded(this.trainPrompts, adapters);
    await this.leave("measuring");
    if (this.options.wholeStep && this.textPasses) await this.wholeStep(batch, step, textFeeds);
    else await this.stepInPasses(batch, step, textFeeds);
    if (lossScale !== 1)
      for (let i = 0; i < result.gradient.length; i++) result.gradient[i]! /= lossScale;
    return result;
  }

  async classEmbeddings(
    theta: Float32Array | null,
    prompts: readonly string[],
  ): Promise<Float32Array> {
    await this.leave("training");
    const batch = promptBatch(prompts.map(this.options.encode), this.options.snapshot.config.text);
    return this.embedded(batch, this.adapterFeeds(theta));
  }

  async imageFeatures(
    theta: Float32Array | null,
    pixels: Float32Array,
    count: number,
    all = count,
  ): Promise<Float32Array> {
    const { microBatchSize, snapshot, packImage } = this.options;
    const packs = packImage && all >= packedFrom;
    const { imageSize } = snapshot.config.vision;
    const size = pixels.length / count;
    const width = snapshot.config.projectionDim;
    const features = new Float32Array(count * width);
    const adapters = this.adapterFeeds(theta);
    await this.leave("training");
    const session = await this.session(
      "measuring",
      `image features ${microBatchSize} ${packs}`,
      () => imageFeatureProgram({ ...this.program, idleUnits: packs }, microBatchSize),
      packs,
    );
    for (const [start, end] of chunksOf(count, microBatchSize)) {
      const images = padded(pixels.subarray(start * size, end * size), microBatchSize * size);
      const out = await session.run({
        ...adapters,
        pixels: float32(images, [microBatchSize, 3, imageSize, imageSize]),
      });
      features.set(floats(out.features).subarray(0, (end - start) * width), start * width);
    }
    return features;
  }

  async close(): Promise<void> {
    await this.release("training");
    await this.release("measuring");
  }

  /** Makes room for the other phase. */
  private async leave(phase: Phase): Promise<void> {
    if (this.options.separatePhases && this.sessions[phase].size > 0) await this.release(phase);
  }

  private async release(phase: Phase): Promise<void> {
    if (phase === "training") this.textPasses?.forget();
    const open = await Promise.allSettled(this.sessions[phase].values());
    this.sessions[phase].clear();
    for (const session of open) if (session.status === "fulfilled") await session.value.release();
  }

  /** Text forward, images forward and backward, text backward; each in as many passes as memory asks for. */
  private async stepInPasses(batch: Batch, step: StepFeeds, textFeeds: TextFeeds): Promise<void> {
    const { count } = this.trainPrompts;
    const { microBatchSize: images, snapshot, lora, packImage } = this.options;
    const { projectionDim } = snapshot.config;
    const program = { ...this.program, idleUnits: packImage };
    const classes = this.textPasses ? await this.textPasses.embed(textFeeds) : this.frozenClasses!;
    const cotangent = new Float32Array(classes.length);
    const session = await this.session(
      "training",
      `image loss ${images} ${count}`,
      () => imageLossProgram(program, images, count, lora.dropout > 0),
      packImage,
    );
    for (const range of chunksOf(batch.labels.length, images)) {
      const out = await session.run({
        ...this.imageFeeds(batch, range, step),
        classes: float32(classes, [count, projectionDim]),
      });
      this.collectImages(out, batch, range, step.result);
      accumulate(cotangent, floats(out[gradientOf("classes")]));
    }
    if (this.textPasses)
      for await (const part of this.textPasses.gradients(textFeeds, cotangent))
        this.collect(part, step.result.gradient);
  }

  /** The whole batch and all classes in one graph. */
  private async wholeStep(batch: Batch, step: StepFeeds, textFeeds: TextFeeds): Promise<void> {
    const { microBatchSize: images, lora } = this.options;
    const { shape, passes } = promptPasses(this.trainPrompts, this.trainPrompts.count);
    const session = await this.session("training", `whole step ${images}`, () =>
      wholeStepProgram(this.program, images, shape, lora.dropout > 0),
    );
    const all = [0, batch.labels.length] as const;
    const out = await session.run({
      ...textFeeds(passes[0]!, shape),
      ...promptFeeds(this.trainPrompts, passes[0]!, shape),
      ...this.imageFeeds(batch, all, step),
    });
    this.collectImages(out, batch, all, step.result);
  }

  /** What the loss of the images `start` to `end` takes, but for the classes; filled up to a whole pass. */
  private imageFeeds(
    batch: Batch,
    [start, end]: readonly [number, number],
    { adapters, draw, lossScale }: StepFeeds,
  ): Feeds {
    const { microBatchSize: images, snapshot, lora } = this.options;
    const { imageSize } = snapshot.config.vision;
    const { count } = this.trainPrompts;
    const size = batch.pixels.length / batch.labels.length;
    const targets = new Float32Array(images * count);
    for (let i = start; i < end; i++)
      targets[(i - start) * count + batch.labels[i]!] = 1 / batch.labels.length;
    const ids = padded(batch.sampleIds.subarray(start, end), images);
    const pixels = padded(batch.pixels.subarray(start * size, end * size), images * size);
    return {
      ...adapters,
      ...(lora.dropout > 0
        ? { ...this.poolFeeds(draw, "vision"), ...imageRows(this.program, draw, ids) }
        : {}),
      pixels: float32(pixels, [images, 3, imageSize, imageSize]),
      targets: float32(targets, [images, count]),
      lossScale: float32(Float32Array.of(lossScale), []),
    };
  }

  /** Adds loss, logits and gradients of the images `start` to `end` to the batch's. */
  private collectImages(
    out: Feeds,
    batch: Batch,
    [start, end]: readonly [number, number],
    result: LossAndGradient,
  ): void {
    const { count } = this.trainPrompts;
    result.loss += floats(out.loss)[0]!;
    const logits = floats(out.logits).subarray(0, (end - start) * count);
    result.logits.set(logits, start * count);
    for (let i = start; i < end; i++)
      if (argmax(logits, (i - start) * count, count) === batch.labels[i]) result.correct++;
    this.collect(out, result.gradient);
  }

  /** Class embeddings [K, d] of length 1, without dropout. */
  private async embedded(prompts: PromptBatch, adapters: Feeds): Promise<Float32Array> {
    const width = this.options.snapshot.config.projectionDim;
    const { shape, passes } = promptPasses(prompts, this.options.classChunkSize);
    const session = await this.session("measuring", `text features ${JSON.stringify(shape)}`, () =>
      textFeatureProgram(this.program, shape, false),
    );
    const features = new Float32Array(prompts.count * width);
    for (const classes of passes) {
      const out = await session.run({ ...adapters, ...promptFeeds(prompts, classes, shape) });
      scatterRows(floats(out.features), classes, features, width);
    }
    return features;
  }

  private textMasks(draw: Draw, classes: Int32Array, shape: PromptShape): Feeds {
    const rows = textRows(this.program, draw, this.trainPrompts, classes, shape);
    return { ...this.poolFeeds(draw, "text"), ...rows };
  }

  private adapterFeeds(theta: Float32Array | null): Feeds {
    const values = theta ?? new Float32Array(this.parameterCount);
    if (this.program.packed) return { [thetaName]: float32(values, [values.length]) };
    return Object.fromEntries(
      this.layout.map(({ name, shape, offset, size }) => [
        name,
        float32(values.subarray(offset, offset + size), shape),
      ]),
    );
  }

  /** The dropout pools of a step; both gradients of the step use the same. */
  private poolFeeds({ seed, step }: Draw, encoder: "vision" | "text"): Feeds {
    const key = `${seed} ${step}`;
    if (this.pools?.key !== key) this.pools = { key, feeds: {} };
    const { feeds } = this.pools;
    const widths = new Set(
      this.program.sites.filter((site) => site.encoder === encoder).map((site) => site.inSize),
    );
    const chosen: Feeds = {};
    for (const width of widths) {
      const name = poolName(width);
      chosen[name] = feeds[name] ??= poolTensor(seed, step, width, this.options.lora.dropout);
    }
    return chosen;
  }

  private collect(out: Feeds, gradient: Float32Array): void {
    // The layout holds the vision encoder's tensors first; a packed gradient is all of one encoder's.
    const vision = out[gradientOf("vision")];
    const text = out[gradientOf("text")];
    if (vision) accumulate(gradient.subarray(0, vision.data.length), floats(vision));
    if (text) accumulate(gradient.subarray(-text.data.length), floats(text));
    for (const { name, offset, size } of this.layout) {
      const part = out[gradientOf(name)];
      if (part) accumulate(gradient.subarray(offset, offset + size), floats(part));
    }
  }

  private session(
    phase: Phase,
    key: string,
    build: () => Record<string, Tensor>,
    packWeights = false,
  ): Promise<Session> {
    const known = this.sessions[phase].get(key);
    if (known) return known;
    const { device, threads, snapshot } = this.options;
    const [anyTensor] = snapshot.tensors.values();
    const opened = openSession(toOnnx(build(), dialectOf(device)), {
      device,
      threads,
      weightsFolder: dirname(anyTensor!.file),
      optimisation: "all",
      refuseCpuFallback: device.kind === "webgpu",
      packWeights,
    });
    this.sessions[phase].set(key, opened);
    return opened;
  }
}

/** WebGPU alone lacks FusedMatMul. */
function dialectOf(device: Device): Dialect {
  return { fusedMatMul: device.kind !== "webgpu" };
}

function poolTensor(seed: number, step: number, width: number, dropout: number): HostTensor {
  const data = dropoutPool(seed, step, width, dropout);
  return float32(data, [data.length / width, width]);
}

function float32(data: Float32Array, shape: readonly number[]): HostTensor {
  return { dtype: "float32", shape, data };
}

function floats(tensor: HostTensor | undefined): Float32Array {
  return tensor!.data as Float32Array;
}

function accumulate(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
}
