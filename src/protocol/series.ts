import type { StepMetrics } from "./events";

/** The columns of a run's steps. `seconds` is the time axis; what a step did not measure is NaN. */
export const columnNames = [
  "step",
  "seconds",
  "loss",
  "perturbedLoss",
  "sharpness",
  "gradientNorm",
  "samGradientNorm",
  "finalGradientNorm",
  "cosine",
  "learningRate",
  "batchAccuracy",
  "stepSeconds",
  "imagesPerSecond",
] as const;
export type ColumnName = (typeof columnNames)[number];

/** The steps of a run as columns that grow by doubling: rows 0 to `length` are in use, both axes ascend. */
export interface RunSeries {
  length: number;
  columns: Record<ColumnName, Float64Array>;
  /** Rows before which the run was resumed, ascending. */
  breaks: number[];
}

/** Rows that the first step makes room for. */
const firstRows = 1024;
const nothing = new Float64Array(0);

/** A series without rows. It takes no memory: of most runs that are listed nobody reads the steps. */
export function emptySeries(): RunSeries {
  const columns = Object.fromEntries(
    columnNames.map((name) => [name, nothing]),
  ) as RunSeries["columns"];
  return { length: 0, columns, breaks: [] };
}

/** Adds the row of a step that ended after `seconds` of training. */
export function pushStep(series: RunSeries, seconds: number, metrics: StepMetrics): void {
  const row = series.length;
  if (row === series.columns.step.length) grow(series);
  const { columns } = series;
  columns.step[row] = metrics.step;
  columns.seconds[row] = seconds;
  columns.loss[row] = metrics.loss;
  columns.perturbedLoss[row] = metrics.perturbedLoss ?? NaN;
  columns.sharpness[row] = metrics.sharpness ?? NaN;
  columns.gradientNorm[row] = metrics.gradientNorm;
  columns.samGradientNorm[row] = metrics.samGradientNorm ?? NaN;
  columns.finalGradientNorm[row] = metrics.finalGradientNorm;
  columns.cosine[row] = metrics.cosine ?? NaN;
  columns.learningRate[row] = metrics.learningRate;
  columns.batchAccuracy[row] = metrics.batchAccuracy;
  columns.stepSeconds[row] = metrics.seconds;
  columns.imagesPerSecond[row] = metrics.imagesPerSecond;
  series.length = row + 1;
}

/** Drops the rows of steps after `step` and marks a break: the run goes on from there. True if rows were dropped. */
export function resumeAt(series: RunSeries, step: number): boolean {
  const kept = lowerBound(series.columns.step, step + 1, series.length);
  const dropped = kept < series.length;
  series.length = kept;
  series.breaks = series.breaks.filter((row) => row < kept);
  if (kept > 0) series.breaks.push(kept);
  return dropped;
}

/** The first of `length` ascending values that is not below `wanted`; `length` where all are. */
export function lowerBound(ascending: Float64Array, wanted: number, length: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function grow(series: RunSeries): void {
  for (const name of columnNames) {
    const larger = new Float64Array(Math.max(firstRows, 2 * series.columns[name].length));
    larger.set(series.columns[name]);
    series.columns[name] = larger;
  }
}
