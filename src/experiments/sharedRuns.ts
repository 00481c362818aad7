import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import { plural } from "../util/text";
import { readRecords } from "./record";

/**
 * Says how many of an experiment's runs that were stopped (folders) other experiments have as well, and how these go on; null where none
 * has any. Cells of the same settings are one run.
 */
export function tellShared(stopped: ReadonlySet<string>, record: ExperimentRecord): string | null {
  const ids = new Set([...stopped].map((run) => basename(run)));
  const shared = readRecords(record.runs).flatMap(({ name, file, cells }) => {
    const runs = new Set(cells.flatMap(({ run }) => run ?? []).filter((run) => ids.has(run))).size;
    // A record stays where its file was given another name, or is gone.
    if (runs === 0 || file === record.file || !existsSync(file)) return [];
    return `${runs} ${runs === 1 ? "is" : "are"} of ${name} as well (\`glad experiment run ${file}\` goes on with ${runs === 1 ? "it" : "them"})`;
  });
  if (shared.length === 0) return null;
  const all = plural(ids.size, "run");
  return `Of the ${all} that ${ids.size === 1 ? "stops" : "stop"}, ${shared.join(", ")}.`;
}
