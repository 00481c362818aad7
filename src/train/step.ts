import type { Config } from "../protocol/config";
import { type AdamWState, adamwInit, adamwUpdate } from "../optim/adamw";
import {
  clipped,
  cosine,
  type FlatPart,
  flatPart,
  norm,
  perturbed,
  regularised,
  reusedSam,
} from "../optim/glad";
import { initialLossScale, type LossScale, nextLossScale } from "../optim/lossScale";
import { learningRateAt } from "../optim/schedule";
import type { StepMetrics } from "../protocol/events";
import type { Batch, Draw, Engine } from "./engineTypes";

/** Everything that one step hands to the next; with the configuration it is all that a resumed run needs. */
export interface TrainState {
  /** Steps made, skipped ones included. */
  step: number;
  theta: Float32Array;
  adamw: AdamWState;
  /** What glad.period reuses between SAM gradients. */
  flat: FlatPart | null;
  /** Of float16 runs; null in float32. */
  lossScale: LossScale | null;
}

export type StepConfig = Pick<Config, "glad" | "optimizer"> & { steps: number };

/** What a step found: the gradients of method.md section 3 and the numbers to report. */
export interface GladGradient {
  g: Float32Array;
  /** g', computed or reused; null for plain LoRA. */
  sam: Float32Array | null;
  final: Float32Array;
  flat: FlatPart | null;
  correct: number;
  /** [n, K], before the update. */
  logits: Float32Array;
  metrics: Pick<
    StepMetrics,
    | "loss"
    | "perturbedLoss"
    | "sharpness"
    | "gradientNorm"
    | "samGradientNorm"
    | "finalGradientNorm"
    | "cosine"
  >;
}

export type StepResult =
  | { state: TrainState; gradient: GladGradient; learningRate: number; skipped: null }
  | { state: TrainState; gradient: null; learningRate: number; skipped: string };

/** The state before the first step. */
export function initialState(
  theta: Float32Array,
  precision: Config["training"]["precision"],
): TrainState {
  const lossScale = precision === "float16" ? initialLossScale() : null;
  return { step: 0, theta, adamw: adamwInit(theta.length), flat: null, lossScale };
}

/** One optimisation step: g, SAM's gradient at theta + e on the same batch and masks, their mix, AdamW. */
export async function takeStep(
  engine: Engine,
  state: TrainState,
  batch: Batch,
  seed: number,
  config: StepConfig,
): Promise<StepResult> {
  const draw = { seed, step: state.step };
  // As in PyTorch, the schedule counts steps, also those whose update is skipped.
  const learningRate = learningRateAt(state.step, { ...config.optimizer, steps: config.steps });
  const found = await gladGradient(engine, state, batch, draw, config.glad);
  const step = state.step + 1;
  const lossScale = state.lossScale && nextLossScale(state.lossScale, typeof found !== "string");
  if (typeof found === "string")
    return { state: { ...state, step, lossScale }, gradient: null, learningRate, skipped: found };
  const { clipNorm } = config.optimizer;
  const gradient = clipNorm === null ? found : clippedGradient(found, clipNorm);
  const { final } = gradient;
  const { theta, state: adamw } = adamwUpdate(state.theta, final, state.adamw, {
    ...config.optimizer,
    learningRate,
  });
  return {
    state: { step, theta, adamw, flat: found.flat, lossScale },
    gradient,
    learningRate,
    skipped: null,
  };
}

function clippedGradient(found: GladGradient, limit: number): GladGradient {
  const final = clipped(found.final, limit);
  return { ...found, final, metrics: { ...found.metrics, finalGradientNorm: norm(final) } };
}

/** g, g' and g_f of one batch, or in words which of the losses and gradients is not finite. */
export async function gladGradient(
  engine: Engine,
  { theta, flat, step, lossScale }: Omit<TrainState, "adamw">,
  batch: Batch,
  draw: Draw,
  { alpha, rho, period }: Config["glad"],
): Promise<GladGradient | string> {
  const task = await engine.lossAndGradient(theta, batch, draw, lossScale?.value);
  const { gradient: g, correct, logits } = task;
  const length = norm(g);
  const bad = notFinite("the gradient", task.loss, g, length);
  if (bad) return bad;
  const plain = {
    loss: task.loss,
    perturbedLoss: null,
    sharpness: null,
    gradientNorm: length,
    samGradientNorm: null,
    finalGradientNorm: length,
    cosine: null,
  };
  if (alpha === 0 || rho === 0)
    return { g, sam: null, final: g, flat: null, correct, logits, metrics: plain };

  const mixed = (
    sam: Float32Array,
    kept: FlatPart | null,
    perturbedLoss: number | null,
    samLength = norm(sam),
  ): GladGradient => {
    const final = regularised(g, sam, alpha);
    return {
      g,
      sam,
      final,
      flat: kept,
      correct,
      logits,
      metrics: {
        ...plain,
        perturbedLoss,
        sharpness: perturbedLoss === null ? null : perturbedLoss - task.loss,
        samGradientNorm: samLength,
        finalGradientNorm: norm(final),
        cosine: cosine(g, sam, length * samLength),
      },
    };
  };
  if (flat !== null && step % period !== 0) return mixed(reusedSam(g, flat), flat, null);
  const second = await engine.lossAndGradient(
    perturbed(theta, g, rho, length),
    batch,
    draw,
    lossScale?.value,
  );
  const samLength = norm(second.gradient);
  const worse = notFinite("the SAM gradient", second.loss, second.gradient, samLength);
  if (worse) return worse;
  const kept = period > 1 ? flatPart(g, second.gradient) : null;
  return mixed(second.gradient, kept, second.loss, samLength);
}

/** `length` is the gradient's norm: finite where all its elements are. */
function notFinite(
  what: string,
  loss: number,
  gradient: Float32Array,
  length: number,
): string | null {
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (Number.isFinite(length)) return null;
  const at = gradient.findIndex((x) => !Number.isFinite(x));
  return at < 0 ? null : `${what} holds ${gradient[at]}`;
}
