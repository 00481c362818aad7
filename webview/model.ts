import type {
  Curve,
  CurveName,
  CurveTail,
  FlatConfig,
  HostMessage,
  PointList,
  Points,
  RunCurves,
  RunView,
  View,
} from "../src/protocol/page";

/** Everything that the page draws, as the host sent it. */
export interface Model {
  runs: RunView[];
  curves: Map<string, RunCurves["curves"]>;
  /** The view in which the curves are. */
  shown: View;
  /** The view that was asked for; the same as `shown` when all answers are there. */
  wanted: View;
  defaults: FlatConfig;
  mayControl: boolean;
  /** Names of the runs that were shown and are not there any more. */
  gone: string[];
  /** Whether these runs take the place of others. */
  other: boolean;
}

type Message<T extends HostMessage["type"]> = Extract<HostMessage, { type: T }>;

/** The model that a snapshot describes. */
export function modelOf(snapshot: Message<"snapshot">): Model {
  return {
    runs: snapshot.runs,
    curves: new Map(snapshot.curves.map(({ run, curves }) => [run, curves])),
    shown: snapshot.view,
    wanted: snapshot.view,
    defaults: snapshot.defaults,
    mayControl: snapshot.mayControl,
    gone: snapshot.gone,
    other: snapshot.other,
  };
}

/** Takes in new points and the progress of a run. */
export function appendTo(model: Model, { run, progress, curves }: Message<"append">): void {
  const view = model.runs.find(({ id }) => id === run);
  if (view) view.progress = progress;
  const held = model.curves.get(run);
  if (!held) return;
  for (const [name, added] of Object.entries(curves) as [CurveName, CurveTail][]) {
    const before = held[name] ?? { raw: noPoints, smooth: added.smooth && noPoints };
    held[name] = joinCurves(before, added, model.shown.range?.[1] ?? Infinity);
  }
}

/** Takes in what changed of a run but its curves. */
export function replaceRun(model: Model, run: RunView): void {
  model.runs = model.runs.map((held) => (held.id === run.id ? run : held));
}

/** Whether a run has many more points than its plots can show, so that thinner ones should be asked for. */
export function isOverfull(model: Model, run: string): boolean {
  const curves = model.curves.get(run) ?? {};
  return Object.values(curves).some(({ raw }) => raw.x.length > 3 * model.shown.width + 200);
}

/** The next points of a curve; those beyond the right end of the view (all but the first) are left out. */
function joinCurves(held: Curve, added: CurveTail, end: number): Curve {
  return {
    raw: joinPoints(held.raw, added.raw, end),
    smooth: held.smooth && added.smooth ? joinPoints(held.smooth, added.smooth, end) : held.smooth,
  };
}

const noPoints: Points = { x: new Float64Array(), y: new Float32Array() };

function joinPoints(held: Points, added: PointList, end: number): Points {
  const { length } = held.x;
  if (length > 0 && held.x[length - 1]! > end) return held;
  const x = new Float64Array(length + added.x.length);
  const y = new Float32Array(x.length);
  x.set(held.x);
  y.set(held.y);
  x.set(added.x, length);
  added.y.forEach((value, i) => (y[length + i] = value ?? NaN));
  return { x, y };
}

/** The last index whose x is not above the wanted one; -1 where all are. */
export function lastAtOrBefore(x: Float64Array, wanted: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (x[middle]! <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The measured point nearest to a place on the axis; -1 where there is none. */
export function nearest({ x, y }: Points, wanted: number): number {
  const before = lastAtOrBefore(x, wanted);
  let left = before;
  while (left >= 0 && Number.isNaN(y[left]!)) left--;
  let right = before + 1;
  while (right < x.length && Number.isNaN(y[right]!)) right++;
  if (right >= x.length) return left;
  if (left < 0) return right;
  return wanted - x[left]! <= x[right]! - wanted ? left : right;
}
