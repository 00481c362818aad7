import { relative } from "node:path";
import { differenceText } from "../protocol/difference";
import { padLeft, padRight, widthOf, wrap } from "../util/columns";
import { visible } from "../util/text";

/** Columns that a label takes before what is said under it. */
const labelWidth = 12;

/** A label and a text, as `visible` shows it, as lines of 80 columns; further lines are indented as far as the first. */
export function labelled(label: string, text: string): string[] {
  return wrap(padRight(label, labelWidth - 1) + " ", visible(text));
}

/** A count with commas. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Four digits that matter: 0.8312, 12.35, 1.23e-5. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return size >= 10_000 || size < 0.001 ? value.toExponential(2) : value.toPrecision(4);
}

/** 71.30% */
export function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

/** +8.10: percentage points, of the percentages before they are rounded. */
export function difference(from: number, to: number): string {
  return differenceText(to - from);
}

/** Rows of cells, as `visible` shows them, as lines whose columns are aligned; those named in `right` at their right edge. */
export function table(
  cells: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const rows = cells.map((row) => row.map(visible));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column]!))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right.includes(column) ? padLeft(cell, widths[column]!) : padRight(cell, widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** A path as it is read best: from the working folder where it lies below that. */
export function shownPath(path: string): string {
  const below = relative("", path);
  return below === "" || below.startsWith("..") ? path : below;
}
