import { join } from "node:path";
import type { Evaluation } from "../data/openData";
import { notePlateau } from "../optim/plateau";
import { readCompleteResult } from "../protocol/completeResult";
import type { RunEventBody, SplitResult } from "../protocol/events";
import type { FrozenConfig } from "../protocol/frozen";
import { readEvents } from "../protocol/readEvents";
import {
  checkpointSteps,
  clearControl,
  type ControlRequest,
  pendingControl,
  predictionsName,
  type RunPaths,
} from "../protocol/runFolder";
import type { Status } from "../protocol/status";
import { UserError } from "../util/errors";
import { writeAtomically, writeJsonAtomically } from "../util/writeAtomically";
import { type Progress, keepCheckpoint, pruneCheckpoints, saveCheckpoint } from "./checkpoint";
import { evaluate, type Evaluated, imagesOf, ScoresNotFinite } from "./evaluate";
import { type MeasuredModel, modelAt } from "./measuredModel";
import type { OpenRun } from "./openRun";
import { evaluationsOf, resultOf, type RunResult } from "./result";
import { startingPoint } from "./startingPoint";
import { takeStep } from "./step";
import { trainingBatches } from "./trainingBatches";

/** What the loop tells the world through. */
export interface LoopPort {
  event(body: RunEventBody): void;
  status(change: Partial<Status>): void;
  /** Flushes the events before a checkpoint vouches for them. */
  sync(): void;
  /** Whether the process was asked to stop by a signal. */
  stopAsked(): boolean;
  /** Milliseconds of a clock that stands still while the process is suspended. */
  now(): number;
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
  const { progress, resumed, warnings } = await startingPoint(paths, config, run.engine);
  const { step } = progress.state;
  if (run.measured !== null && readCompleteResult(paths.result)?.step !== step)
    throw new UserError(
      `${paths.checkpoints}: the checkpoint that the run ended with cannot be read and is put aside, so nothing more is measured on it; resuming the run once more goes on from step ${step}`,
    );
  port.event({
    type: "started",
    step,
    steps: config.run.steps,
    device: run.engine.device,
    deviceReason: run.engine.deviceReason,
    resumed: resumed || readEvents(paths.events).length > 0,
    passMemory: run.passMemory.bytes,
  });
  port.status({ state: "running", step, device: run.engine.device });
  const { warning } = run.passMemory;
  const messages = [...run.data.notes, ...(warning === null ? [] : [warning]), ...warnings];
  for (const message of messages) port.event({ type: "warning", message });

  const loop = new Loop(paths, config, run, port, progress, resumed);
  const end = await loop.toTheEnd();
  await loop.finish(end);
  return end;
}

/** Ends an evaluation that is under way when the run is asked to stop. */
class StopRequested extends Error {}

/** So many steps were skipped that more will not help. */
class Diverged extends UserError {}

class Loop {
  private readonly batchOf: ReturnType<typeof trainingBatches>;
  /** What the newest checkpoint holds. */
  private saved: Progress | null;
  /** Why there are no more steps to make, as of a run that had come to its end before; null where there are. */
  private end: Exclude<LoopEnd, "stopped"> | null = null;

  constructor(
    private readonly paths: RunPaths,
    private readonly config: FrozenConfig,
    private readonly run: OpenRun,
    private readonly port: LoopPort,
    private progress: Progress,
    resumed: boolean,
  ) {
    this.batchOf = trainingBatches(run, config);
    this.saved = resumed ? progress : null;
    const before = readCompleteResult(paths.result);
    if (before?.step === progress.state.step && before.reason !== "stopped")
      this.end = before.reason;
  }

  async toTheEnd(): Promise<LoopEnd> {
    try {
      await this.zeroShot();
      let end: LoopEnd | null = null;
      while (end === null) end = await this.next();
      return end;
    } catch (error) {
      if (error instanceof StopRequested) return "stopped";
      await this.rescue(error);
      throw error;
    }
  }

  /** CLIP without adapters, once in the life of a run. */
  private async zeroShot(): Promise<void> {
    if (!this.config.evaluation.zeroShot) return;
    const known = evaluationsOf(readEvents(this.paths.events), { zeroShot: true });
    const measured = new Set(known.map(({ split }) => split));
    await this.evaluate(null, (split) => !measured.has(split));
  }

  /** What is due at the present step, then the next step; the run's end, or null when there is more to do. */
  private async next(): Promise<LoopEnd | null> {
    if (await this.stopRequested()) return "stopped";
    const { evaluation, checkpoints, run } = this.config;
    const { step } = this.progress.state;
    const last = step >= run.steps;
    // Told by the state and not by what was just done, so that a resumed run makes up for what a stop cut short.
    const measures = last || isDue(step, evaluation.every);
    if (measures && this.progress.evaluated < step)
      this.noteAccuracy(await this.evaluate(this.progress.state.theta));
    const best = checkpoints.keepBest && this.progress.best?.step === step;
    if (last || best || isDue(step, checkpoints.every)) await this.checkpoint();
    this.end = this.isPlateau() ? "plateau" : last ? "completed" : null;
    if (this.end === null) await this.step();
    else await this.measureRest();
    return this.end;
  }

  /** What the run is to be measured on since its last step was: an experiment may have given it more data sets. */
  private async measureRest(): Promise<void> {
    const { step } = this.progress.state;
    if (step === 0 && this.config.lora.init === null) return;
    const known = evaluationsOf(readEvents(this.paths.events), { zeroShot: false, step });
    const measured = new Set(known.map(({ split }) => split));
    if (this.run.data.evaluations.every(({ split }) => measured.has(split))) return;
    await this.evaluate(this.progress.state.theta, (split) => !measured.has(split));
  }

  /** Saves what is there, and the result. */
  async finish(end: LoopEnd): Promise<void> {
    const { step } = this.progress.state;
    await this.checkpoint();
    // Also where there was nothing to save: the result is written to a run that is still this trainer's.
    this.port.sync();
    const result = resultOf(readEvents(this.paths.events), {
      step,
      // One that is stopped while it is measured on more has come to its end before.
      reason: this.end ?? end,
      device: this.run.engine.device,
      best: this.progress.best,
      splitHash: this.config.run.splitHash,
      modelHash: this.config.run.modelHash,
    });
    await writeJsonAtomically(this.paths.result, result);
    this.port.event(
      end === "stopped" ? { type: "stopped", step } : { type: "finished", step, reason: end },
    );
    this.port.sync();
  }

  private async step(): Promise<void> {
    const started = this.port.now();
    const { state } = this.progress;
    const batch = await this.batchOf(state.step);
    const result = await takeStep(this.run.engine, state, batch, this.config.seed, {
      ...this.config,
      steps: this.config.run.steps,
    });
    const { step } = result.state;
    if (result.skipped !== null) return this.skip(result.state, result.skipped);
    const seconds = (this.port.now() - started) / 1000;
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
    const all = inARow === this.config.run.steps;
    if (!all && inARow < this.config.training.maxNonFiniteSteps) return;
    const which = all ? "every step was" : `${inARow} steps in a row were`;
    throw new Diverged(
      `${which} skipped, the last because ${reason}; ${this.wayOutOfDivergence()}`,
    );
  }

  /** What helps a run whose values diverged: another one, as its own configuration is frozen. */
  private wayOutOfDivergence(): string {
    const half = this.config.training.precision === "float16";
    const wide = half ? ', or set training.precision to "float32",' : "";
    const from =
      checkpointSteps(this.paths).length > 0
        ? ", from an earlier checkpoint with `glad train --init-adapter`"
        : "";
    return `lower optimizer.learningRate${wide} and start a new run${from}`;
  }

  private async evaluate(
    theta: Float32Array | null,
    isWanted: (split: string) => boolean = () => true,
  ): Promise<SplitResult[]> {
    const { step } = this.progress.state;
    const results: SplitResult[] = [];
    const { evaluations } = this.run.data;
    // All of them, also where some were measured before the run was interrupted.
    const model = modelAt(this.run.engine, theta, imagesOf(evaluations));
    for (const split of evaluations) {
      if (!isWanted(split.split)) continue;
      const { result, predictions } = await this.measured(model, split);
      results.push(result);
      this.port.event({ type: "evaluated", step, zeroShot: theta === null, ...result });
      const name = predictionsName(split.split, theta === null);
      const lines = predictions.map((prediction) => JSON.stringify(prediction) + "\n");
      await writeAtomically(join(this.paths.predictions, name), (file) =>
        file.writeFile(lines.join("")),
      );
    }
    return results;
  }

  private async measured(model: MeasuredModel, split: Evaluation): Promise<Evaluated> {
    const { pipeline, evaluation } = this.run;
    try {
      return await evaluate(model, pipeline, split, evaluation, () => this.checkStop());
    } catch (error) {
      if (!(error instanceof ScoresNotFinite) || !model.isAdapted) throw error;
      throw new ScoresNotFinite(error.found, this.wayOutOfDivergence());
    }
  }

  /** Between two batches of an evaluation, which may take long. */
  private checkStop(): void {
    const asked = this.port.stopAsked() || pendingControl(this.paths).includes("stop");
    if (!asked) return;
    clearControl(this.paths, "stop");
    throw new StopRequested();
  }

  /** Remembers that a step was measured when that was due, and its accuracy on the validation split. */
  private noteAccuracy(results: readonly SplitResult[]): void {
    this.progress = { ...this.progress, evaluated: this.progress.state.step };
    const accuracy = this.noteBest(results);
    if (accuracy === undefined) return;
    const { earlyStop } = this.config.evaluation;
    const plateau = notePlateau(this.progress.plateau, accuracy, earlyStop?.minDelta ?? 0);
    this.progress = { ...this.progress, plateau };
  }

  /**
   * Remembers the step where the validation split was measured best, and gives its accuracy. A measurement that somebody asked for
   * counts here, but not for the plateau: looking must not change when a run ends.
   */
  private noteBest(results: readonly SplitResult[]): number | undefined {
    const { best, state } = this.progress;
    const accuracy = results.find(({ split }) => split === "val")?.accuracy;
    if (accuracy !== undefined && (best === null || accuracy > best.accuracy))
      this.progress = { ...this.progress, best: { step: state.step, accuracy } };
    return accuracy;
  }

  private isPlateau(): boolean {
    const { earlyStop } = this.config.evaluation;
    const { plateau } = this.progress;
    return earlyStop !== null && plateau !== null && plateau.waited >= earlyStop.patience;
  }

  /** Saves what there is to save; `asked`: somebody wants it, and it is kept. */
  private async checkpoint(asked = false): Promise<void> {
    const { step } = this.progress.state;
    if (this.saved === this.progress) return asked ? keepCheckpoint(this.paths, step) : undefined;
    const isNew = this.saved?.state.step !== step;
    this.port.sync();
    const { layout } = this.run.engine;
    const name = await saveCheckpoint(this.paths, this.config, layout, this.progress, asked);
    this.saved = this.progress;
    const { keepLast, keepBest } = this.config.checkpoints;
    pruneCheckpoints(this.paths, keepLast, keepBest ? (this.progress.best?.step ?? null) : null);
    if (isNew) this.port.event({ type: "saved", step, path: `checkpoints/${name}` });
  }

  /** Saves the steps since the last checkpoint when the run fails: values in memory outlive a lost device. */
  private async rescue(error: unknown): Promise<void> {
    // Of a run that diverged, the last checkpoint is the one to keep. A skipped step alone is no divergence: in float16 it is how
    // the scale of the loss is found.
    const diverged = error instanceof ScoresNotFinite || error instanceof Diverged;
    if (this.progress.state.step === 0 || diverged) return;
    try {
      await this.checkpoint();
    } catch {
      // What made the run fail is what the user is to hear; the last checkpoint is as good as it was.
    }
  }

  /** Carries out waiting requests; waits while paused. True when the run is to stop. */
  private async stopRequested(): Promise<boolean> {
    let paused = false;
    for (;;) {
      // Looked at first: requests may be another trainer's by now.
      const signalled = this.port.stopAsked();
      const requests = new Set(pendingControl(this.paths));
      const take = (request: ControlRequest): boolean => {
        if (!requests.has(request)) return false;
        clearControl(this.paths, request);
        return true;
      };
      // Taken away also where a signal came as well: a task that Slurm puts back must not find it.
      if (take("stop") || signalled) return true;
      const { step } = this.progress.state;
      if (take("checkpoint")) await this.checkpoint(true);
      if (take("evaluate")) this.noteBest(await this.evaluate(this.progress.state.theta));
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
function isDue(step: number, every: number): boolean {
  return every > 0 && step > 0 && step % every === 0;
}
