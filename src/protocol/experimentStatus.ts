import type { ExperimentRecord } from "./experimentRecord";

/** What `glad experiment status --json` prints: an experiment file as runs, and how they stand with their executor. */
export interface ExperimentStatus {
  experiment: ExperimentRecord;
  /** By run folder, those that the executor is not done with: they run, or wait for the reason that is given. */
  pending: Record<string, string | null>;
  /** By run folder, why the executor gave a run up that is not finished, where it knows. */
  ended: Record<string, string>;
  /** How many runs were made and are not there any more, whole: deleted, moved away, or without a result that can be read. */
  lost: number;
  /** Of a finished one, which of its runs hold no longer, since their images are others by now: sentences. Null of others. */
  stale: string[] | null;
  /** Why nobody works on what waits; null where somebody does. */
  idle: string | null;
  /** Why the executor could not be asked; null where it could. */
  trouble: string | null;
}

/** What `glad experiment run --detach --json` prints. */
export interface HandedIn {
  /** What nobody would expect: runs that are made again, or taken back. Sentences. */
  notes: string[];
}
