import type { EvaluationView } from "./page";
import { columnNames, type RunSeries } from "./series";

/** All recorded steps of some runs as CSV (RFC 4180) with a header; what was not measured is empty. */
export function curvesCsv(runs: readonly { name: string; series: RunSeries }[]): string {
  const lines = [["run", ...columnNames].join(",")];
  for (const { name, series } of runs) {
    const run = csvCell(name);
    for (let row = 0; row < series.length; row++) {
      const values = columnNames.map((column) => number(series.columns[column][row]!));
      lines.push(`${run},${values.join(",")}`);
    }
  }
  return lines.join("\r\n") + "\r\n";
}

/** All evaluations of some runs as CSV with a header; accuracy in percent. */
export function accuracyCsv(
  runs: readonly { name: string; evaluations: readonly EvaluationView[] }[],
): string {
  const lines = ["run,step,seconds,zeroShot,split,correct,total,accuracy"];
  for (const { name, evaluations } of runs)
    for (const { step, seconds, zeroShot, split, correct, total, accuracy } of evaluations)
      lines.push(
        [csvCell(name), step, seconds, zeroShot, csvCell(split), correct, total, accuracy].join(
          ",",
        ),
      );
  return lines.join("\r\n") + "\r\n";
}

function number(value: number): string {
  return Number.isNaN(value) ? "" : String(value);
}

/** Quotes what would be read as more than one cell, and what a spreadsheet would take for a formula. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
