import type { Points } from "./page";
import { lowerBound } from "./series";

/** A line to be thinned out: `length` rows with ascending x. Rows whose y is NaN were not measured and are passed over. */
export interface Line {
  x: Float64Array;
  y: Float64Array;
  length: number;
  /** Rows before which the line is interrupted, ascending. */
  breaks: readonly number[];
}

/**
 * The points of a line that a plot `width` pixels wide can show between two values of x (null: all): of every pixel
 * column the lowest and the highest, in the order in which they came, so that no peak is lost; and the last point. One
 * point beyond either end is kept, so that the line leaves the plot where it should. A break becomes a point whose y is
 * NaN. At most about 2 points per pixel; a line of fewer rows than that is passed through.
 */
export function decimate(
  line: Line,
  range: readonly [from: number, to: number] | null,
  width: number,
): Points {
  const { x, y, length, breaks } = line;
  const start = range ? Math.max(0, lowerBound(x, range[0], length) - 1) : 0;
  const end = range ? Math.min(length, lowerBound(x, range[1], length) + 1) : length;
  const [from, to] = range ?? [x[0] ?? 0, x[length - 1] ?? 0];
  // Every row has a column of its own where there are few.
  const unit = end - start > 2 * width && to > from ? (to - from) / Math.max(1, width) : 0;
  const builder = pointBuilder(line, Math.min(end - start, 2 * (Math.ceil(width) + 4)));
  let next = breaks.findIndex((row) => row > start);
  let columnEnd = -Infinity;
  let low = -1;
  let high = -1;
  let last = -1;
  for (let row = start; row < end; row++) {
    const isBreak = next >= 0 && row === breaks[next];
    const value = y[row]!;
    if (isBreak || (value === value && x[row]! >= columnEnd)) {
      builder.addBoth(low, high);
      low = high = -1;
      if (unit > 0) columnEnd = from + unit * (Math.floor((x[row]! - from) / unit) + 1);
    }
    if (isBreak) {
      builder.addBreak(row);
      next++;
    }
    // Not measured: only NaN differs from itself, and this loop runs a million times.
    if (value !== value) continue;
    last = row;
    if (low < 0 || value < y[low]!) low = row;
    if (high < 0 || value > y[high]!) high = row;
  }
  builder.addBoth(low, high);
  if (last > builder.lastRow()) builder.add(last);
  return builder.points();
}

/** Collects rows into points. A break may add a NaN and split a column, which makes two more points. */
function pointBuilder({ x, y, breaks }: Line, most: number) {
  const xs = new Float64Array(most + 3 * breaks.length + 1);
  const ys = new Float32Array(xs.length);
  let used = 0;
  let lastRow = -1;
  const add = (row: number): void => {
    xs[used] = x[row]!;
    ys[used++] = y[row]!;
    lastRow = row;
  };
  return {
    add,
    /** The lowest and the highest row of a column in their order; -1 for an empty one. */
    addBoth(low: number, high: number): void {
      if (low < 0) return;
      add(Math.min(low, high));
      if (low !== high) add(Math.max(low, high));
    },
    addBreak(row: number): void {
      xs[used] = x[row]!;
      ys[used++] = NaN;
    },
    lastRow: () => lastRow,
    points: (): Points => ({ x: xs.slice(0, used), y: ys.slice(0, used) }),
  };
}
