import type { ColumnName } from "./series";

/**
 * What the extension host and the results page say to each other. The host owns all data and the page draws what it was
 * sent: the page posts `ready`, the host answers `snapshot`, then `append`s. Types only, so both ends can import it.
 */

/** What a run is doing; "interrupted" is a run whose trainer died while its status says that it lives. */
export type PageRunState =
  "created" | "starting" | "running" | "paused" | "finished" | "stopped" | "failed" | "interrupted";

/** The horizontal axis: steps, or seconds of training without the times in which the run stood still. */
export type Axis = "step" | "time";

/** The columns that are drawn as curves. */
export type CurveName = Extract<
  ColumnName,
  | "loss"
  | "perturbedLoss"
  | "sharpness"
  | "gradientNorm"
  | "samGradientNorm"
  | "finalGradientNorm"
  | "cosine"
  | "learningRate"
>;

/** What part of the curves is wanted, and how finely. */
export interface View {
  axis: Axis;
  /** In units of the axis; null is everything, growing with the run. */
  range: [from: number, to: number] | null;
  /** Pixels of a plot's width: about two points per pixel are sent. */
  width: number;
  /** Weight of the past in the exponential moving average, 0 (none) to 0.999. */
  smoothing: number;
}

/** Points of a line in the order of x. A NaN in y separates two parts (a resumption). */
export interface Points {
  x: Float64Array;
  y: Float32Array;
}

/** A curve as it was measured and, where the view smooths, its moving average. */
export interface Curve {
  raw: Points;
  smooth: Points | null;
}

/**
 * The next few points of a curve, as lists that JSON can hold, which has null for a NaN: the editor packs every typed array
 * of a message by itself, at a cost that their few numbers are not worth.
 */
export interface CurveTail {
  raw: PointList;
  smooth: PointList | null;
}
export interface PointList {
  x: number[];
  y: (number | null)[];
}

/** The curves of one run in one view; columns that were never measured are missing. */
export interface RunCurves {
  run: string;
  curves: Partial<Record<CurveName, Curve>>;
}

/** What changes with every step. */
export interface RunProgress {
  state: PageRunState;
  /** For how many seconds its trainer, whose process is there, has not answered; null where it does or is gone. */
  silent: number | null;
  /** What is being done to end it and what comes next, in words; null where nothing is. */
  stopping: string | null;
  /** Whether this window is at that and goes on by itself: then there is nothing to press. */
  ending: boolean;
  step: number;
  steps: number;
  /** Seconds of training so far: the end of the time axis. */
  seconds: number;
  secondsLeft: number | null;
  imagesPerSecond: number | null;
  /** Steps that were left out because a value was not finite. */
  skipped: number;
}

/** Accuracy of one split at one step; `zeroShot` is CLIP without adapters. */
export interface EvaluationView {
  step: number;
  /** Place on the time axis. */
  seconds: number;
  zeroShot: boolean;
  split: string;
  correct: number;
  total: number;
  /** Percent. */
  accuracy: number;
}

/** A place on both axes. */
export interface Mark {
  step: number;
  seconds: number;
}

/** Why a run ended badly, and what can be done about it. */
export interface FailureView {
  message: string;
  /** A sentence on how to mend it; null where the message says it already. */
  advice: string | null;
  /** What the page offers, most helpful first. */
  actions: FailureAction[];
}
export type FailureAction = "resume" | "log" | "config" | "doctor" | "data";

/** A configuration as `lora.rank` -> `2`; nested lists and objects are written as JSON. */
export type FlatConfig = Record<string, string>;

/** One run as the page shows it. */
export interface RunView {
  /** Name of the run's folder. */
  id: string;
  name: string;
  /** Place in the palette; stays with the run while it is in the panel. */
  colour: number;
  device: string | null;
  deviceReason: string | null;
  progress: RunProgress;
  evaluations: EvaluationView[];
  checkpoints: Mark[];
  resumes: Mark[];
  warnings: string[];
  failure: FailureView | null;
  config: FlatConfig;
  /** Splits of which raw predictions are there, so that `details` can be asked for. */
  detailed: string[];
}

/** What the page keeps over a reload (its own state, and the panel's in the editor). */
export interface PageState {
  version: 1;
  runs: string[];
  colours: Record<string, number>;
  /** The run that the header and the buttons speak of. */
  active: string | null;
  view: Pick<View, "axis" | "range" | "smoothing">;
  logarithmic: boolean;
  /** Curves that the user switched on or off against what is usual. */
  toggled: string[];
  /** Charts that were zoomed vertically. */
  yRanges: Record<string, [from: number, to: number]>;
  /** Charts that are shown as a table. */
  tables: string[];
  tab: string;
  /** The split whose classes and mistakes are shown. */
  split: string | null;
}

/** Pictures come as addresses that the page's policy allows; null where the file is outside of what may be shown. */
export interface Picture {
  /** Relative to the image root. */
  path: string;
  uri: string | null;
}

/** A wrongly classified image with its likeliest classes, most likely first. */
export interface Mistake extends Picture {
  label: string;
  top: { name: string; probability: number }[];
}

/** How a class fared, beside CLIP without adapters where that was measured. */
export interface ClassResult {
  name: string;
  correct: number;
  total: number;
  zeroShotCorrect: number | null;
}

/** What the images of a class were taken for, most frequent first. */
export interface ClassConfusion {
  name: string;
  correct: number;
  total: number;
  takenFor: { name: string; count: number; pictures: Picture[] }[];
}

/** What lies behind the accuracy of one split of one run. */
export interface SplitDetails {
  run: string;
  split: string;
  classes: ClassResult[];
  /** The classes with the lowest accuracy, worst first. */
  confusions: ClassConfusion[];
  /** One page of the mistakes, and how many there are in all. */
  mistakes: Mistake[];
  offset: number;
  totalMistakes: number;
}

/** Exact rows of a run, evenly picked from a range. */
export interface TableRows {
  run: string;
  /** Steps recorded in the range, of which the rows are a selection. */
  recorded: number;
  columns: Record<ColumnName, Float64Array>;
}

/** From the host to the page. */
export type HostMessage =
  /** Everything that the page shows; also sent when the selection of runs changes. */
  | {
      type: "snapshot";
      view: View;
      runs: RunView[];
      curves: RunCurves[];
      /** The configuration's defaults, to tell what was chosen. */
      defaults: FlatConfig;
      /** Translations of `pageStrings`; what is missing stays English. */
      strings: Record<string, string>;
      /** False where the workspace may only be looked at: nothing can be started or stopped. */
      mayControl: boolean;
      /** Names of the runs that were shown and are not there any more. */
      gone: string[];
      /** Whether these runs take the place of others that were shown. */
      other: boolean;
    }
  /** New points at the end of a run's curves. */
  | {
      type: "append";
      run: string;
      progress: RunProgress;
      curves: Partial<Record<CurveName, CurveTail>>;
    }
  /** Something else of a run changed: an evaluation, a checkpoint, its end. */
  | { type: "run"; run: RunView }
  /** The curves of a run in a view: the answer to `window`, or unasked when a resumption made points void. */
  | { type: "curves"; request: number | null; view: View; curves: RunCurves }
  /** The answer to `rows`. */
  | { type: "rows"; request: number; rows: TableRows[] }
  /** The answer to `details`. */
  | { type: "details"; request: number; details: SplitDetails }
  /** A request that could not be answered, with a sentence for the user. */
  | { type: "refused"; request: number; message: string };

/** What the page can ask of a run's trainer. */
export type ControlAction = "pause" | "continue" | "stop" | "checkpoint" | "evaluate" | "resume";

/** What is done with the checkpoints of a run that is over. */
export type FollowUp = "classifyImages" | "exportCheckpoint";

/** From the page to the host. Requests carry a number and are always answered. */
export type PageMessage =
  /** The page can draw; `state` is what it kept of its last life. */
  | { type: "ready"; state: PageState | null; width: number }
  /** The curves of one run are wanted in a view, which later `append`s follow. */
  | { type: "window"; request: number; run: string; view: View }
  /** Exact rows of runs are wanted for the table behind a chart. */
  | {
      type: "rows";
      request: number;
      runs: string[];
      axis: Axis;
      range: [number, number] | null;
      limit: number;
    }
  /** Classes, confusions and mistakes of a split are wanted; `label` narrows the mistakes to one class. */
  | {
      type: "details";
      request: number;
      run: string;
      split: string;
      label: string | null;
      offset: number;
      limit: number;
    }
  /** A button of the header. */
  | { type: "control"; run: string; action: ControlAction | FollowUp }
  /** Something of a run shall be opened in the editor; "doctor" runs the checks, "data" that of its images. */
  | { type: "open"; run: string; what: "log" | "config" | "folder" | "doctor" | "data" }
  /** An image of a run's data set shall be opened in the editor. */
  | { type: "openImage"; run: string; path: string }
  /** All recorded steps, or all accuracies, shall be saved as a CSV file. */
  | { type: "exportCsv"; runs: string[]; what: "curves" | "accuracy" }
  /** A chart shall be saved as a picture. */
  | { type: "exportPng"; name: string; png: Uint8Array }
  /** The panel shall show exactly these runs. */
  | { type: "selectRuns"; runs: string[] }
  /** The user wants to choose more runs from a list of the editor. */
  | { type: "pickRuns" };
