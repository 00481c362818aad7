import type { Turns } from "../util/turns";
import { assignColours } from "./colours";
import { decimate, type Line } from "./decimate";
import type {
  Axis,
  CurveName,
  CurveTail,
  FailureView,
  FlatConfig,
  HostMessage,
  PageRunState,
  PageState,
  PointList,
  RunCurves,
  RunProgress,
  RunView,
  TableRows,
  View,
} from "./page";
import { defaultView } from "./pageDefaults";
import { paceOf, type RunRecord } from "./runRecord";
import { columnNames, lowerBound, type RunSeries } from "./series";
import { emptyAverage, smoothRows, type Average } from "./smooth";

/** The columns that are drawn, and whether a moving average is drawn over them. */
export const curveNames: Readonly<Record<CurveName, { smoothed: boolean }>> = {
  loss: { smoothed: true },
  perturbedLoss: { smoothed: true },
  sharpness: { smoothed: true },
  gradientNorm: { smoothed: true },
  samGradientNorm: { smoothed: true },
  finalGradientNorm: { smoothed: true },
  cosine: { smoothed: true },
  learningRate: { smoothed: false },
};

/** A run as the feed takes it. The record grows outside; the feed remembers how much of it the page has. */
export interface FeedRun {
  id: string;
  name: string;
  record: RunRecord;
  /** What the run's status says, which knows more than its events ("starting", "interrupted"). */
  state: PageRunState;
  silent: number | null;
  stopping: string | null;
  ending: boolean;
  /** Steps of the checkpoints that are there; events tell of those besides that the trainer, or somebody, has deleted. */
  saved: readonly number[];
  failure: FailureView | null;
  config: FlatConfig;
  detailed: string[];
}

/**
 * Turns records of runs into messages for one page. Keeps no timer and posts nothing itself. One piece of its work is to be
 * done after the other; a record may grow meanwhile.
 */
export interface PageFeed {
  /**
   * Everything anew; from here on `update` says what was added. Without a state the page keeps the view that it asked for
   * last.
   */
  snapshot(
    runs: readonly FeedRun[],
    options: {
      state: PageState | null;
      width: number;
      defaults: FlatConfig;
      strings: Record<string, string>;
      mayControl: boolean;
      gone: string[];
      other: boolean;
    },
  ): Turns<HostMessage>;
  /** The answer to a `window` of the page. */
  window(run: FeedRun, view: View, request: number): Turns<HostMessage>;
  /** What is new in a run since the last message about it; call it at most ten times a second. */
  update(run: FeedRun): Turns<HostMessage[]>;
}

/** More rows than these are not appended one by one: a tenth of a second brings few. */
const mostAppended = 1000;

/** What the page has of a run. */
interface Sent {
  view: View;
  rows: number;
  revision: number;
  rewrites: number;
  status: string;
  averages: Partial<Record<CurveName, Averaged>>;
}

/** The moving average of a column, made up to some row. */
interface Averaged {
  average: Average;
  values: Float64Array;
  rows: number;
}

/** A feed for one page. */
export function createPageFeed(): PageFeed {
  const sent = new Map<string, Sent>();
  let colours: Record<string, number> = {};
  let last: View | null = null;

  function* send(run: FeedRun, view: View): Turns<RunCurves> {
    const before = sent.get(run.id);
    const state: Sent = {
      ...position(run),
      view,
      // The averages hold on as long as neither their weight nor the rows under them changed.
      averages:
        before?.view.smoothing === view.smoothing && before.rewrites === run.record.rewrites
          ? before.averages
          : {},
    };
    const curves = yield* curvesOf(asItIs(run.record.series), state);
    sent.set(run.id, state);
    return { run: run.id, curves };
  }

  return {
    *snapshot(runs, { state, width, ...rest }) {
      const view: View = (!state && last) || { ...defaultView, ...state?.view, width };
      last = view;
      colours = assignColours(
        runs.map(({ id }) => id),
        { ...state?.colours, ...colours },
      );
      sent.clear();
      const curves: RunCurves[] = [];
      for (const run of runs) curves.push(yield* send(run, view));
      const views = runs.map((run) => runView(run, colours[run.id]!));
      return { type: "snapshot", view, runs: views, curves, ...rest };
    },
    *window(run, view, request) {
      last = view;
      return { type: "curves", request, view, curves: yield* send(run, view) };
    },
    *update(run) {
      const state = sent.get(run.id);
      if (!state) return [];
      const messages: HostMessage[] = [];
      const now = position(run);
      const other = now.revision !== state.revision || now.status !== state.status;
      if (other) messages.push({ type: "run", run: runView(run, colours[run.id]!) });
      // Many rows at once come of a record that was just read: they are thinned out, a piece at a time, like all curves.
      if (now.rewrites !== state.rewrites || now.rows - state.rows > mostAppended) {
        const { view } = state;
        messages.push({ type: "curves", request: null, view, curves: yield* send(run, view) });
        return messages;
      }
      if (now.rows > state.rows) messages.push(append(run, state));
      Object.assign(state, now);
      return messages;
    },
  };
}

/** The rows that a series has now; it may grow while they are worked on. */
function asItIs({ length, columns, breaks }: RunSeries): RunSeries {
  return { length, columns: { ...columns }, breaks: [...breaks] };
}

function position({ record, saved, failure, detailed, ...run }: FeedRun) {
  const { state, silent, stopping, ending } = run;
  return {
    rows: record.series.length,
    revision: record.revision,
    rewrites: record.rewrites,
    status: JSON.stringify([state, silent, stopping, ending, saved, failure, detailed]),
  };
}

/** How a run looks to the page, without its curves. */
export function runView(run: FeedRun, colour: number): RunView {
  const { record } = run;
  return {
    id: run.id,
    name: run.name,
    colour,
    device: record.device,
    deviceReason: record.deviceReason,
    progress: progressOf(run),
    evaluations: record.evaluations,
    checkpoints: record.checkpoints.filter(({ step }) => run.saved.includes(step)),
    resumes: record.resumes,
    warnings: record.warnings,
    failure: run.failure,
    config: run.config,
    detailed: run.detailed,
  };
}

function progressOf({ record, state, silent, stopping, ending }: FeedRun): RunProgress {
  const { step, steps, skipped, clock } = record;
  const seconds = clock.trained / 1000;
  const words = { state, silent, stopping, ending };
  return { ...words, step, steps, seconds, skipped: skipped.length, ...paceOf(record) };
}

function* curvesOf(series: RunSeries, state: Sent): Turns<RunCurves["curves"]> {
  const { axis, range, width, smoothing } = state.view;
  const curves: RunCurves["curves"] = {};
  for (const [name, { smoothed }] of entries(curveNames)) {
    const line: Line = { ...lineOf(series, axis), y: series.columns[name] };
    const raw = decimate(line, range, width);
    if (raw.x.length === 0 && !isMeasured(series, name)) continue;
    yield;
    const values = smoothed && smoothing > 0 ? averaged(series, name, state) : null;
    yield;
    curves[name] = {
      raw,
      smooth: values && decimate({ ...line, y: values }, range, width),
    };
    yield;
  }
  return curves;
}

/** New rows are sent as they are, whatever the view: they are few (`mostAppended`), and the page leaves out what it does not show. */
function append(run: FeedRun, state: Sent): HostMessage {
  const { series } = run.record;
  const from = state.rows;
  const breaks = series.breaks.filter((row) => row >= from);
  const line = lineOf(series, state.view.axis);
  const curves: Partial<Record<CurveName, CurveTail>> = {};
  for (const [name, { smoothed }] of entries(curveNames)) {
    const tail = (y: Float64Array): PointList => tailOf({ ...line, y }, from, breaks);
    const raw = tail(series.columns[name]);
    if (raw.x.length === 0) continue;
    const smooth = smoothed && state.view.smoothing > 0;
    curves[name] = { raw, smooth: smooth ? tail(averaged(series, name, state)) : null };
  }
  return { type: "append", run: run.id, progress: progressOf(run), curves };
}

/** The measured rows from one on, with a gap before each break. */
function tailOf({ x, y, length }: Line, from: number, breaks: readonly number[]): PointList {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  for (let row = from; row < length; row++) {
    if (breaks.includes(row)) {
      xs.push(x[row]!);
      ys.push(null);
    }
    if (Number.isNaN(y[row]!)) continue;
    xs.push(x[row]!);
    ys.push(y[row]!);
  }
  return { x: xs, y: ys };
}

/** The moving average of a column up to its last row, continued from where it was. */
function averaged(series: RunSeries, name: CurveName, state: Sent): Float64Array {
  const column = series.columns[name];
  const kept = (state.averages[name] ??= {
    average: emptyAverage(),
    values: new Float64Array(column.length),
    rows: 0,
  });
  if (kept.rows >= series.length) return kept.values;
  if (kept.values.length < series.length) {
    const larger = new Float64Array(column.length);
    larger.set(kept.values);
    kept.values = larger;
  }
  smoothRows(kept.average, column, kept.values, {
    from: kept.rows,
    to: series.length,
    smoothing: state.view.smoothing,
  });
  kept.rows = series.length;
  return kept.values;
}

function lineOf({ columns, length, breaks }: RunSeries, axis: Axis): Omit<Line, "y"> {
  return { x: axis === "step" ? columns.step : columns.seconds, length, breaks };
}

function isMeasured({ columns, length }: RunSeries, name: CurveName): boolean {
  for (let row = 0; row < length; row++) if (!Number.isNaN(columns[name][row]!)) return true;
  return false;
}

/** At most `limit` exact rows of a run, evenly picked from a range, the last one among them. */
export function pickRows(
  run: string,
  series: RunSeries,
  { axis, range, limit }: { axis: Axis; range: [number, number] | null; limit: number },
): TableRows {
  const x = axis === "step" ? series.columns.step : series.columns.seconds;
  const from = range ? lowerBound(x, range[0], series.length) : 0;
  let to = range ? lowerBound(x, range[1], series.length) : series.length;
  if (range && to < series.length && x[to] === range[1]) to++;
  const recorded = to - from;
  const count = Math.min(limit, recorded);
  const rows = Array.from({ length: count }, (_, i) =>
    count === 1 ? to - 1 : from + Math.round((i * (recorded - 1)) / (count - 1)),
  );
  const columns = Object.fromEntries(
    columnNames.map((name) => [name, Float64Array.from(rows, (row) => series.columns[name][row]!)]),
  ) as TableRows["columns"];
  return { run, recorded, columns };
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
