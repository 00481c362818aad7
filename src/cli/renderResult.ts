import type { SplitResult } from "../protocol/events";
import { count, difference, percent, table } from "./format";

/** Accuracies of CLIP without adapters and of the adapted model; either may be empty. */
export interface Results {
  zeroShot: readonly SplitResult[];
  adapted: readonly SplitResult[];
  harmonicMean: { zeroShot: number | null; adapted: number | null };
}

/** The table of a run's results: a row for each split, and the harmonic mean of base and novel; none without a result. */
export function resultTable({ zeroShot, adapted, harmonicMean }: Results): string[] {
  const splits = [...new Set([...adapted, ...zeroShot].map(({ split }) => split))];
  if (splits.length === 0) return [];
  const rows = splits.map((split) => {
    const before = zeroShot.find((each) => each.split === split);
    const after = adapted.find((each) => each.split === split);
    return [split, ...cells(before), ...cells(after), change(before?.accuracy, after?.accuracy)];
  });
  const { zeroShot: before, adapted: after } = harmonicMean;
  const cell = (value: number | null): string => (value === null ? "-" : percent(value));
  if (before !== null || after !== null)
    rows.push(["H", cell(before), "", cell(after), "", change(before, after)]);
  const heads = ["split", "zero-shot", "", "adapted", "", "difference"];
  const shown = [heads, ...rows].map((row) =>
    // A column that nothing was measured for is left out.
    row.filter(
      (_, column) =>
        (column < 1 || column > 2 || zeroShot.length > 0) &&
        (column < 3 || column > 4 || adapted.length > 0) &&
        (column < 5 || (zeroShot.length > 0 && adapted.length > 0)),
    ),
  );
  return table(shown, [1, 3, 5]);
}

function cells(result: SplitResult | undefined): [string, string] {
  if (result === undefined) return ["-", ""];
  return [percent(result.accuracy), `(${count(result.correct)} of ${count(result.total)})`];
}

function change(before: number | null | undefined, after: number | null | undefined): string {
  return typeof before === "number" && typeof after === "number" ? difference(before, after) : "";
}
