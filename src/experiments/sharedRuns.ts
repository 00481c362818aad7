import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import { plural } from "../util/text";
import { readRecords } from "./record";

/** Another experiment that has some of an experiment's runs: cells of the same settings are one run. */
export interface SharedRuns {
  name: string;
  file: string;
  /** How many of them. */
  runs: number;
}

/** The other experiments that have some of an experiment's runs that were stopped (folders). */
export function sharedRuns(stopped: ReadonlySet<string>, record: ExperimentRecord): SharedRuns[] {
  const ids = new Set([...stopped].map((run) => basename(run)));
  return readRecords(record.runs).flatMap(({ name, file, cells }) => {
    const runs = new Set(cells.flatMap(({ run }) => run ?? []).filter((run) => ids.has(run))).size;
    // A record stays where its file was given another name, or is gone.
    return runs === 0 || file === record.file || !existsSync(file) ? [] : { name, file, runs };
  });
}

/** Says how many runs of those that were stopped other experiments have as well, and how these go on; null where none has any. */
export function tellShared(stopped: number, shared: readonly SharedRuns[]): string | null {
  if (shared.length === 0) return null;
  const parts = shared.map(({ name, file, runs }) => {
    const [are, them] = runs === 1 ? ["is", "it"] : ["are", "them"];
    return `${runs} ${are} of ${name} as well (\`glad experiment run ${file}\` goes on with ${them})`;
  });
  return `Of the ${plural(stopped, "run")} that ${stopped === 1 ? "stops" : "stop"}, ${parts.join(", ")}.`;
}
