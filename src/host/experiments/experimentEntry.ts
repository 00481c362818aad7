import type { Counts } from "../../experiments/collect";
import { withHeld } from "../../experiments/held";
import { isLeftToMeasure } from "../../experiments/progress";
import type { ExperimentRecord } from "../../protocol/experimentRecord";
import { type HostRun, isLive } from "../runs/hostRun";
import type { ExperimentFile } from "./experimentRecords";
import {
  experimentState,
  type HostExperiment,
  leftOf,
  progressIn,
  resultsOf,
  runOf,
} from "./hostExperiment";

/** What the store knows of an experiment file, its record, and what the program said when it was asked. */
export interface Entry {
  file: string;
  name: string;
  output: string;
  record: ExperimentRecord | null;
  /** Modification times, 0 where the file is not there. */
  recordTime: number;
  fileTime: number;
  /** When the record was last found to be another. */
  recordSeen: number;
  /** That of the file when the program was asked last, and when that was. */
  askedOf: number;
  askedAt: number;
  problem: string | null;
  broken: boolean;
  /** Run folders that an executor holds, with their states when it said so. */
  pending: Map<string, string>;
  /** Why it gave up others. */
  ended: Map<string, string>;
  /** How many runs are lost (ExperimentStatus). */
  lost: number;
  /** As in `HostExperiment`. */
  stale: string | null;
  /** Whether somebody looks at it, so that it is to be asked for though nothing tells that it stands otherwise. */
  wanted: boolean;
  /** Why nobody works on what waits; null where somebody does. */
  idle: string | null;
  /** Whether its executor ever gave an answer: what it said last holds while it gives none. */
  answered: boolean;
  /** Whether it gave none when it was asked last. */
  silent: boolean;
  view: HostExperiment | null;
}

/** What a view is made of beside the entry. */
export interface Surroundings {
  run: (id: string) => HostRun | undefined;
  /** The counts of a finished run; null before they are read. */
  splits: (id: string) => Record<string, Counts> | null;
  texts: { fileGone: string; trainerGone: string };
}

/** An entry of which nothing was read yet. */
export function newEntry(found: ExperimentFile): Entry {
  const times = { recordTime: 0, fileTime: 0, recordSeen: 0, askedOf: 0, askedAt: 0 };
  const nothing = { record: null, problem: null, broken: false, view: null };
  const executor = {
    lost: 0,
    stale: null,
    wanted: false,
    idle: null,
    answered: false,
    silent: false,
    pending: new Map(),
    ended: new Map(),
  };
  return { ...found, ...nothing, ...times, ...executor };
}

/** How an experiment stands. */
export function viewOfEntry(
  entry: Entry,
  { run: get, splits, texts }: Surroundings,
): HostExperiment {
  const { file, name, record, pending, ended, lost, stale, idle, problem, broken } = entry;
  const waits = [...pending].filter(([id, state]) => {
    const run = get(id);
    return run?.state === state && !isLive(run) && state !== "finished";
  });
  const held = { waiting: new Set(waits.map(([id]) => id)), ended };
  const plain = record ? resultsOf(record, get, splits) : [];
  // Before there is an answer, what was interrupted may be about to go on.
  const results =
    record && entry.answered ? withHeld(record, plain, held, texts.trainerGone) : plain;
  const progress = progressIn(record, results);
  const waiting = held.waiting.size;
  const toTrain = results.filter(
    (result) =>
      held.waiting.has((record && runOf(record, result.cell)) ?? "") && !isLeftToMeasure(result),
  );
  const worked = idle === null ? waiting : 0;
  const state =
    broken && !record ? "broken" : experimentState(results, worked, entry.recordTime > 0);
  // What was just handed in is not left, though its executor was not asked yet.
  const isKnown = entry.answered && entry.askedAt >= entry.recordSeen;
  const begun = state === "partial" || (state === "running" && isKnown);
  const left = begun ? leftOf(results, waiting) : 0;
  const stuck = waiting > 0 && state === "partial" ? idle : null;
  const isGone = record && entry.recordTime > 0 && entry.fileTime === 0;
  const fileGone = isGone ? texts.fileGone : null;
  const why = fileGone ?? problem ?? stuck;
  const counts = { waiting: toTrain.length, left, lost };
  return { file, name, state, record, results, progress, ...counts, stale, problem: why };
}

/** The run folders of a record, and whether each measures CLIP without adapters. */
export function runsIn(record: ExperimentRecord | null): [id: string, measuring: boolean][] {
  if (!record) return [];
  const measuring = new Set(
    record.methods.filter(({ kind }) => kind === "zero-shot").map(({ name }) => name),
  );
  return record.cells.flatMap((cell): [string, boolean][] => {
    const id = runOf(record, cell);
    return id === null ? [] : [[id, measuring.has(cell.method)]];
  });
}
