import type { Axis, RunView } from "../../src/protocol/page";
import { clock, integer, measured, percent } from "../format";
import { nearest } from "../model";
import { t } from "../strings";
import type { CurveToggle, Line } from "./definitions";

/** A place on the axis in words: "step 1,200" or "1:05:00". */
export function placeText(axis: Axis, x: number): string {
  return axis === "step" ? t("atStep", integer(Math.round(x))) : t("atTime", clock(x));
}

/** What is marked at a place of the axis, or no further away than a hundredth of what is shown; null where nothing is. */
export function markAt(
  { checkpoints, resumes }: Pick<RunView, "checkpoints" | "resumes">,
  axis: Axis,
  x: number,
  [from, to]: [number, number],
): string | null {
  const isNear = ({ step, seconds }: { step: number; seconds: number }): boolean =>
    Math.abs((axis === "step" ? step : seconds) - x) <= (to - from) / 100;
  if (resumes.some(isNear)) return t("marksResumed");
  return checkpoints.some(isNear) ? t("marksCheckpoint") : null;
}

/** A value of a line as it is written: accuracies in percent, all others with four digits. */
export function valueText(line: Pick<Line, "marked">, value: number): string {
  return line.marked ? percent(value) : measured(value);
}

/** What a line is called where several are spoken of. */
export function lineName(line: Line, toggles: readonly CurveToggle[], compare: boolean): string {
  const toggle = toggles.find(({ curve }) => curve === line.curve);
  const name = toggle ? (toggle.long ?? toggle.name) : line.curve;
  return compare ? `${line.run.name}, ${name}` : name;
}

/** A chart in a few sentences, for who does not see it: where each line is, between what, and where it goes. */
export function chartSummary(
  title: string,
  lines: readonly Line[],
  toggles: readonly CurveToggle[],
  axis: Axis,
  compare: boolean,
): string {
  const sentences = lines.flatMap((line) => {
    const found = extremes(line);
    if (!found) return [];
    const value = (index: number): string => valueText(line, found.y[index]!);
    const place = (index: number): string => placeText(axis, found.x[index]!);
    const { last, low, high } = found;
    return t(
      "summaryCurve",
      lineName(line, toggles, compare),
      ...[last, low, high].flatMap((index) => [value(index), place(index)]),
      t(found.trend),
    );
  });
  if (sentences.length === 0) return t("summaryEmpty", title);
  return `${title}. ${sentences.join(" ")}`;
}

function extremes({ raw, smooth }: Line) {
  const { x, y } = smooth ?? raw;
  let low = -1;
  let high = -1;
  let last = -1;
  for (let i = 0; i < y.length; i++) {
    if (Number.isNaN(y[i]!)) continue;
    if (low < 0 || y[i]! < y[low]!) low = i;
    if (high < 0 || y[i]! > y[high]!) high = i;
    last = i;
  }
  if (last < 0) return null;
  return { x, y, low, high, last, trend: trendOf(y, low, high, last) };
}

/** Where a line goes in its last fifth, seen against all that it spans. */
function trendOf(
  y: Float32Array,
  low: number,
  high: number,
  last: number,
): "rising" | "falling" | "level" {
  const fifth = Math.max(1, Math.floor(y.length / 5));
  let before = Math.max(0, last - fifth);
  while (before < last && Number.isNaN(y[before]!)) before++;
  const change = y[last]! - y[before]!;
  if (Math.abs(change) < 0.05 * (y[high]! - y[low]!) || change === 0) return "level";
  return change > 0 ? "rising" : "falling";
}

/** The values of all lines at a place, as one sentence to be read aloud. */
export function readAt(
  lines: readonly Line[],
  toggles: readonly CurveToggle[],
  axis: Axis,
  compare: boolean,
  x: number,
): string {
  const values = lines.flatMap((line) => {
    const value = valueAt(line, x);
    return value === null ? [] : `${lineName(line, toggles, compare)} ${valueText(line, value)}`;
  });
  return `${placeText(axis, x)}: ${values.join(", ")}`;
}

/** The value of a line nearest to a place; of the average where there is one. */
export function valueAt({ raw, smooth }: Line, x: number | null): number | null {
  const points = smooth ?? raw;
  const index = nearest(points, x ?? Infinity);
  return index < 0 ? null : points.y[index]!;
}
