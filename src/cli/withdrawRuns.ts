import { join } from "node:path";
import { standingOf } from "../executors/executor";
import { takeBack } from "../executors/takeBack";
import { readRecord, readRecords, writeRecord } from "../experiments/record";
import { recordFile } from "../experiments/recordFile";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import { holdersOf } from "./experimentExecutor";

/**
 * Writes an experiment's record when the runs that it has no more were taken back, of which the old one knows: whatever ends this
 * between the two, the next command does it again. As `withdrawReplaced` otherwise.
 */
export async function replaceRecord(
  record: ExperimentRecord,
  say: (line: string) => void,
): Promise<string[]> {
  const before = readRecord(recordFile(record.runs, record.name));
  const withdrawn = await withdrawReplaced(before, record, say);
  await writeRecord(record);
  return withdrawn;
}

/**
 * Takes back the runs that an experiment had before and has no more, since they were made anew or its file was edited: nobody would
 * find them to stop them. Those that another experiment beside it has go on. Gives the folders of those that were held; `say` hears
 * why others may still be. To be called by the one process that makes runs.
 */
export async function withdrawReplaced(
  before: ExperimentRecord | null,
  after: ExperimentRecord,
  say: (line: string) => void = () => undefined,
): Promise<string[]> {
  if (before === null) return [];
  const kept = [after, ...readRecords(before.runs).filter(({ name }) => name !== before.name)];
  const named = new Set(kept.flatMap(({ runs, cells }) => cells.map(({ run }) => idOf(runs, run))));
  const gone = new Set(before.cells.map(({ run }) => idOf(before.runs, run)));
  const open = [...gone].flatMap((run) =>
    run === null || named.has(run) || standingOf(run).state === "finished" ? [] : run,
  );
  if (open.length === 0) return [];
  const { runs, failed } = await takeBack(open, holdersOf(before, open));
  failed.forEach(say);
  return [...runs];
}

function idOf(runs: string, run: string | null): string | null {
  return run === null ? null : join(runs, run);
}
