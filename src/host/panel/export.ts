import { setImmediate } from "node:timers/promises";
import { accuracyCsv, curvesCsv } from "../../protocol/csv";
import { columnNames, type RunSeries } from "../../protocol/series";
import type { HostRun } from "../runs/hostRun";
import { plainName, shownNames } from "../runs/runNames";
import { editorPrompts, type Prompts } from "../prompts";
import { saveFile } from "../saveFile";

/** Rows that are written as text at once, a few milliseconds of work. */
const portion = 2000;

const ask: Prompts["save"] = (options) => editorPrompts.save(options);

/** Asks for a file and saves all steps, or all accuracies, of runs there. */
export async function exportCsv(
  runs: readonly HostRun[],
  what: "curves" | "accuracy",
): Promise<void> {
  // Rows of two runs are not to be taken for those of one.
  const names = shownNames(runs);
  const named = runs.map(({ id, record: { series, evaluations } }) => ({
    name: names.get(id)!,
    series,
    evaluations,
  }));
  const text = what === "accuracy" ? accuracyCsv(named) : await longCsv(named);
  const title = runs[0] === undefined ? "glad" : plainName(runs[0]);
  await saveFile(ask, `${title}-${what}.csv`, "CSV", Buffer.from(text));
}

/** Asks for a file and saves a picture of a chart there. */
export async function exportPng(name: string, png: Uint8Array): Promise<void> {
  await saveFile(ask, `${name.replace(/[^\w.-]+/g, "-")}.png`, "PNG", png);
}

/** The CSV of many steps, made in portions. */
export async function longCsv(
  runs: readonly { name: string; series: RunSeries }[],
): Promise<string> {
  const parts = [curvesCsv([])];
  const header = parts[0]!.length;
  for (const { name, series } of runs)
    for (let from = 0; from < series.length; from += portion) {
      const to = Math.min(series.length, from + portion);
      parts.push(curvesCsv([{ name, series: rowsOf(series, from, to) }]).slice(header));
      await setImmediate();
    }
  return parts.join("");
}

function rowsOf({ columns }: RunSeries, from: number, to: number): RunSeries {
  const some = columnNames.map((name) => [name, columns[name].subarray(from, to)] as const);
  return {
    length: to - from,
    columns: Object.fromEntries(some) as RunSeries["columns"],
    breaks: [],
  };
}
