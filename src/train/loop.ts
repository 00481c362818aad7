import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { batchAt } from "../data/batches";
import { readAdapter } from "../models/peft";
import { thetaOf } from "../models/loraNames";
import type { RunEventBody, SplitResult } from "../protocol/events";
import type { FrozenConfig } from "../protocol/frozen";
import { readEvents } from "../protocol/readEvents";
import {
  checkpointName,
  checkpointSteps,
  clearControl,
  type ControlRequest,
  pendingControl,
  type RunPaths,
} from "../protocol/runFolder";
import type { Status } from "../protocol/status";
import { UserError } from "../util/errors";
import { writeAtomically } from "../util/writeAtomically";
import {
  loadCheckpoint,
  type Progress,
  pruneCheckpoints,
  removePartial,
  saveCheckpoint,
} from "./checkpoint";
import type { Batch } from "./engineTypes";
import { evaluate } from "./evaluate";
import type { OpenRun } from "./openRun";
import { evaluationsOf, resultOf, type RunResult } from "./result";
import { initialState, takeStep } from "./step";

/** What the loop tells the world through. */
export interface LoopPort {
  event(body: RunEventBody): void;
  status(change: Partial<Status>): void;
  /** Flushes the events before a checkpoint vouches for them. */
  sync(): void;
  /** Whether the process was asked to stop by a signal. */
  stopAsked(): boolean;
}

export type LoopEnd = RunResult["reason"];

/**
 * Trains a run to its end, or as far as it is let: zero-shot first, then step after step, with evaluations, checkpoints
 * and requests between them. Everything it does is a function of the frozen configuration and the last checkpoint.
 */
export async function train(
  paths: RunPaths,
  config: FrozenConfig,
  run: OpenRun,
  port: LoopPort,
): Promise<LoopEnd> {
  const { steps } = config.run;
  removePartial(paths);
  const [resumeAt] = checkpointSteps(paths).slice(-1);
  const progress = await startingPoint(paths, config, run, resumeAt);
  const resumed = resumeAt !== undefined || readEvents(paths.events).length > 0;
  port.event({
    type: "started",
    step: progress.state.step,
    steps,
    device: run.engine.device,
    deviceReason: run.engine.deviceReason,
    resumed,
  });
  port.status({ state: "running", step: progress.state.step, device: run.engine.device });
  for (const message of run.data.notes) port.event({ type: "warning", message });

  const loop = new Loop(paths, config, run, port, progress);
  const end = await loop.toTheEnd();
  await loop.finish(end);
  return end;
}

/** Ends an evaluation that is under way when the run is asked to stop. */
class StopRequested extends Error {}

/** The last checkpoint, or initial values: those of `lora.init`, or from the seed. */
async function startingPoint(
  paths: RunPaths,
  config: FrozenConfig,
  { engine }: OpenRun,
  resumeAt: number | undefined,
): Promise<Progress> {
  if (resumeAt !== undefined)
    return loadCheckpoint(join(paths.checkpoints, checkpointName(resumeAt)), engine.layout);
  const { init } = config.lora;
  const theta =
    init === null
      ? engine.initialParameters(config.seed)
      : thetaOf(engine.layout, (await readAdapter(init)).values, init);
  const state = initialState(theta, config.training.precision);
  return { state, best: null, plateau: null, skippedInARow: 0 };
}

class Loop {
  /** Batches under way, by step. */
  private readonly prefetched = new Map<number, Promise<Batch>>();

  constructor(
    private readonly paths: RunPaths,
    private readonly config: FrozenConfig,
    private readonly run: OpenRun,
    private readonly port: LoopPort,
    private progress: Progress,
  ) {}

  async toTheEnd(): Promise<LoopEnd> {
    try {
      await this.zeroShot();
      let end: LoopEnd | null = null;
      while (end === null) end = await this.next();
      return end;
    } catch (error) {
      if (error instanceof StopRequested) return "stopped";
      throw error;
    }
  }

  /** CLIP without adapters, once in the life of a run. */
  private async zeroShot(): Promise<void> {
    if (!this.config.evaluation.zeroShot) return;
    const known = evaluationsOf(readEvents(this.paths.events), { zeroShot: true });
    if (known.length === this.run.data.evaluations.length) return;
    await this.evaluate(null);
  }

  /** One step and what is due after it; the run's end, or null when there is more to do. */
  private async next(): Promise<LoopEnd | null> {
    const { steps } = this.config.run;
    if (await this.stopRequested()) return "stopped";
    if (this.progress.state.step >= steps) return "completed";
    await this.step();
    const { step } = this.progress.state;
    const { evaluation, checkpoints } = this.config;
    const last = step >= steps;
    if (last || due(step, evaluation.every)) {
      if (this.noteAccuracy(await this.evaluate(this.progress.state.theta))) return "plateau";
    }
    const best = checkpoints.keepBest && this.progress.best?.step === step;
    if (last || best || due(step, checkpoints.every)) await this.checkpoint();
    return null;
  }

  /** Saves what is there, and the result. */
  async finish(end: LoopEnd): Promise<void> {
    const { step } = this.progress.state;
    await this.checkpoint();
    const result = resultOf(readEvents(this.paths.events), {
      step,
      reason: end,
      device: this.run.engine.device,
      best: this.progress.best,
      splitHash: this.config.run.splitHash,
      modelHash: this.config.run.modelHash,
    });
    await writeAtomically(this.paths.result, async (file) => {
      await file.writeFile(JSON.stringify(result, null, 2) + "\n");
    });
    this.port.event(
      end === "stopped" ? { type: "stopped", step } : { type: "finished", step, reason: end },
    );
    this.port.sync();
  }

  private async step(): Promise<void> {
    const started = performance.now();
    const { state } = this.progress;
    const batch = await this.batch(state.step);
    const result = await takeStep(this.run.engine, state, batch, this.config.seed, {
      ...this.config,
      steps: this.config.run.steps,
    });
    const { step } = result.state;
    if (result.skipped !== null) return this.skip(result.state, result.skipped);
    const seconds = (performance.now() - started) / 1000;
    this.progress = { ...this.progress, state: result.state, skippedInARow: 0 };
    this.port.event({
      type: "step",
      step,
      device: this.run.engine.device,
      ...result.gradient.metrics,
      learningRate: result.learningRate,
      batchAccuracy: result.gradient.correct / batch.labels.length,
      seconds,
      imagesPerSecond: batch.labels.length / seconds,
    });
    this.port.status({ step });
  }

  private skip(state: Progress["state"], reason: string): void {
    const inARow = this.progress.skippedInARow + 1;
    this.progress = { ...this.progress, state, skippedInARow: inARow };
    this.port.event({ type: "skipped", step: state.step, inARow, reason });
    this.port.status({ step: state.step });
    if (inARow >= this.config.training.maxNonFiniteSteps)
      throw new UserError(
        `${inARow} steps in a row were skipped, the last because ${reason}; lower optimizer.learningRate, ` +
          "or train in float32, and start again from an earlier checkpoint",
      );
  }

  /** The batch of a step; the next ones are begun, so that they are decoded while the engine computes. */
  private async batch(step: number): Promise<Batch> {
    for (let next = step; next < Math.min(step + 3, this.config.run.steps); next++)
      if (!this.prefetched.has(next)) this.prefetched.set(next, this.makeBatch(next));
    const batch = await this.prefetched.get(step)!;
    this.prefetched.delete(step);
    return batch;
  }

  private makeBatch(step: number): Promise<Batch> {
    const { data, pipeline } = this.run;
    const { seed, training } = this.config;
    const { batchSize, augment } = training;
    const { epoch, indices } = batchAt({ count: data.train.length, batchSize, seed, step });
    const samples = [...indices].map((index) => data.train[index]!);
    const items = samples.map(({ path }, i) => ({
      path: join(data.imageRoot, path),
      sample: indices[i]!,
      epoch,
    }));
    const made = pipeline.trainingBatch(items, { seed, augment }).then((pixels) => ({
      pixels,
      labels: Int32Array.from(samples, ({ label }) => label),
      sampleIds: indices,
    }));
    // It may fail long before it is awaited.
    made.catch(() => undefined);
    return made;
  }

  private async evaluate(theta: Float32Array | null): Promise<SplitResult[]> {
    const { step } = this.progress.state;
    const results: SplitResult[] = [];
    for (const split of this.run.data.evaluations) {
      const { result, predictions } = await evaluate(
        this.run.engine,
        this.run.pipeline,
        theta,
        split,
        this.run.evaluation,
        () => this.checkStop(),
      );
      results.push(result);
      this.port.event({ type: "evaluated", step, zeroShot: theta === null, ...result });
      mkdirSync(this.paths.predictions, { recursive: true });
      const name = `${theta === null ? "zero-shot" : "adapted"}-${split.split}.jsonl`;
      const lines = predictions.map((prediction) => JSON.stringify(prediction) + "\n");
      writeFileSync(join(this.paths.predictions, name), lines.join(""));
    }
    return results;
  }

  /** Between two batches of an evaluation, which may take long. */
  private checkStop(): void {
    const asked = this.port.stopAsked() || pendingControl(this.paths).includes("stop");
    if (!asked) return;
    clearControl(this.paths, "stop");
    throw new StopRequested();
  }

  /** Remembers the best validation accuracy; true when the plateau rule ends the run. */
  private noteAccuracy(results: readonly SplitResult[]): boolean {
    const accuracy = results.find(({ split }) => split === "val")?.accuracy;
    if (accuracy === undefined) return false;
    const { best, plateau, state } = this.progress;
    const better = best === null || accuracy > best.accuracy;
    const { earlyStop } = this.config.evaluation;
    const gained = plateau === null || accuracy > plateau.accuracy + (earlyStop?.minDelta ?? 0);
    this.progress = {
      ...this.progress,
      best: better ? { step: state.step, accuracy } : best,
      plateau: gained ? { waited: 0, accuracy } : { ...plateau, waited: plateau.waited + 1 },
    };
    return earlyStop !== null && !gained && this.progress.plateau!.waited >= earlyStop.patience;
  }

  private async checkpoint(): Promise<void> {
    const { step } = this.progress.state;
    this.port.sync();
    if (checkpointSteps(this.paths).includes(step)) return;
    const name = await saveCheckpoint(
      this.paths,
      this.config,
      this.run.engine.layout,
      this.progress,
    );
    const { keepLast, keepBest } = this.config.checkpoints;
    pruneCheckpoints(this.paths, keepLast, keepBest ? (this.progress.best?.step ?? null) : null);
    this.port.event({ type: "saved", step, path: `checkpoints/${name}` });
  }

  /** Carries out waiting requests; waits while paused. True when the run is to stop. */
  private async stopRequested(): Promise<boolean> {
    let paused = false;
    for (;;) {
      const requests = new Set(pendingControl(this.paths));
      const take = (request: ControlRequest): boolean => {
        if (!requests.has(request)) return false;
        clearControl(this.paths, request);
        return true;
      };
      if (this.port.stopAsked() || take("stop")) return true;
      if (take("checkpoint")) await this.checkpoint();
      if (take("evaluate")) await this.evaluate(this.progress.state.theta);
      const { step } = this.progress.state;
      // A request to continue outweighs one to pause that came before it.
      const goOn = take("continue");
      const pause = take("pause");
      if (!paused && pause && !goOn) {
        paused = true;
        this.port.event({ type: "paused", step });
        this.port.status({ state: "paused" });
      } else if (paused && goOn) {
        this.port.event({ type: "continued", step });
        this.port.status({ state: "running" });
        return false;
      }
      if (!paused) return false;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Whether something that happens every `every` steps (0: never) is due after this one. */
function due(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}
