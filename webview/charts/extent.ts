import type { Points, View } from "../../src/protocol/page";
import { lastAtOrBefore, type Model } from "../model";
import type { ChartDefinition, Line } from "./definitions";

type Range = [from: number, to: number];

/** What the horizontal axis spans: the zoomed range, or all that was recorded of any run. */
export function xRange(model: Model): Range {
  const { range, axis } = currentView(model);
  if (range) return range;
  let from = Infinity;
  let to = -Infinity;
  const include = (x: number): void => {
    from = Math.min(from, x);
    to = Math.max(to, x);
  };
  for (const curves of model.curves.values())
    for (const { raw } of Object.values(curves)) {
      if (raw.x.length === 0) continue;
      include(raw.x[0]!);
      include(raw.x[raw.x.length - 1]!);
    }
  for (const { evaluations } of model.runs)
    for (const { step, seconds } of evaluations) include(axis === "step" ? step : seconds);
  if (!Number.isFinite(from)) return [0, 1];
  // There is no step, and no time, before the first.
  if (to === from) return [Math.max(0, from - 1), to + 1];
  return [from, to];
}

/** The wanted view, but on the axis that the curves are on: they follow when the host has answered. */
export function currentView({ shown, wanted }: Model): View {
  return shown.axis === wanted.axis ? wanted : shown;
}

/**
 * What the vertical axis of some lines spans within a horizontal range, with a margin that ends at the limits of the values. On a
 * logarithmic scale only positive values count, and the span is at least half a decade.
 */
export function yRange(
  lines: readonly Line[],
  x: Range,
  logarithmic: boolean,
  [least, most]: ChartDefinition["limits"] & object = [-Infinity, Infinity],
): Range {
  let low = Infinity;
  let high = -Infinity;
  const include = (value: number): void => {
    if (!(logarithmic ? value > 0 : Number.isFinite(value))) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  const several = new Set(lines.map(({ run }) => run.id)).size > 1;
  for (const { raw, smooth, level } of lines) {
    if (!smooth || !several) visible(raw, x, include);
    if (smooth) visible(smooth, x, include);
    if (level !== null) include(level);
  }
  if (low > high) return logarithmic ? [0.1, 1] : [0, 1];
  if (logarithmic) {
    const margin = Math.max(Math.log10(high / low) * 0.05, (0.5 - Math.log10(high / low)) / 2);
    return [low / 10 ** margin, high * 10 ** margin];
  }
  const margin = high > low ? (high - low) * 0.06 : Math.max(Math.abs(high) * 0.1, 1e-6);
  // What is never negative has no axis below zero.
  const from = low >= 0 ? Math.max(0, low - margin) : low - margin;
  return [Math.max(from, least), Math.min(high + margin, most)];
}

function visible({ x, y }: Points, [from, to]: Range, include: (value: number) => void): void {
  for (let i = Math.max(0, lastAtOrBefore(x, from)); i < x.length && x[i]! <= to; i++)
    if (x[i]! >= from) include(y[i]!);
}
