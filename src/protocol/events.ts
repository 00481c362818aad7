/**
 * What a run reports. One type for everything: a line of `events.jsonl`, a line that the command line prints, a point
 * that the page draws. Every event is numbered (`n`, from 0, without gaps over resumptions) and dated (`time`, ISO 8601).
 */
export type RunEvent = { n: number; time: string } & RunEventBody;

export type RunEventBody =
  /** The trainer opened the run folder (again); `step` is where it starts. */
  | {
      type: "started";
      step: number;
      steps: number;
      device: string;
      deviceReason: string;
      resumed: boolean;
      /** Bytes that the sizes of the engine's passes were made for. */
      passMemory?: number;
    }
  /** One optimisation step was made. */
  | ({ type: "step" } & StepMetrics)
  /** A step had a non-finite loss or gradient; the parameters did not change. */
  | { type: "skipped"; step: number; inARow: number; reason: string }
  /** Accuracy of one model on one split. `step` 0 with `zeroShot` is CLIP without adapters. */
  | ({ type: "evaluated"; step: number; zeroShot: boolean } & SplitResult)
  /** A checkpoint is complete; `path` is relative to the run folder. */
  | { type: "saved"; step: number; path: string }
  | { type: "paused"; step: number }
  | { type: "continued"; step: number }
  /** Something the user should know that does not end the run. */
  | { type: "warning"; message: string }
  /** The end: all steps made, stopped early by the plateau rule, stopped on request, or failed. */
  | { type: "finished"; step: number; reason: "completed" | "plateau" }
  | { type: "stopped"; step: number }
  | { type: "failed"; step: number; message: string };

/** What each step records (method.md section 3). Norms are over all LoRA parameters as one vector. */
export interface StepMetrics {
  /** 1 for the first update. */
  step: number;
  /** Where it was computed, e.g. "cpu (2 threads)". */
  device: string;
  loss: number;
  /** L(theta + e); null where the step made no second pass. */
  perturbedLoss: number | null;
  /** perturbedLoss - loss. */
  sharpness: number | null;
  gradientNorm: number;
  samGradientNorm: number | null;
  finalGradientNorm: number;
  /** cos(g, g'). */
  cosine: number | null;
  learningRate: number;
  /** Hits of the batch over its size, 0 to 1. */
  batchAccuracy: number;
  seconds: number;
  imagesPerSecond: number;
}

/** The splits that a protocol measures. */
export type SplitName = "all" | "base" | "novel" | "val" | (string & {});

/** Top-1 micro accuracy as counts. */
export interface SplitResult {
  split: SplitName;
  correct: number;
  total: number;
  /** Percent, 100 * correct / total. */
  accuracy: number;
  perClass?: { name: string; correct: number; total: number }[];
  /** confusion[label][prediction] = count, labels in the order of `perClass`. */
  confusion?: number[][];
}
