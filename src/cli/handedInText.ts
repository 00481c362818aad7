import { join } from "node:path";
import type { CellResult } from "../experiments/collect";
import { plural } from "../util/text";

/**
 * What became of an experiment's runs when they were handed in: "4 runs: 2 handed in, 1 handed in only to be measured, 1 finished
 * before". Those that were `taken` are named by their folders below `runs`.
 */
export function handedInText(
  results: readonly CellResult[],
  { runs, taken }: { runs: string; taken: readonly string[] },
): string {
  const now = new Set(taken);
  const made = results.filter(({ cell }) => cell.run !== null);
  const own = made.filter(({ cell }) => now.has(join(runs, cell.run!)));
  const measured = own.filter((result) => result.measured !== undefined).length;
  const rest = made.filter((result) => !own.includes(result));
  const finished = rest.filter(({ state }) => state === "finished").length;
  const counts: [number, string][] = [
    [own.length - measured, "handed in"],
    [measured, "handed in only to be measured"],
    [finished, "finished before"],
    [rest.length - finished, "handed in before"],
  ];
  const parts = counts.flatMap(([count, what]) => (count > 0 ? `${count} ${what}` : []));
  return `${plural(made.length, "run")}: ${parts.join(", ")}`;
}
