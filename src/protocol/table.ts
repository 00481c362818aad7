import type { ExperimentProtocol } from "./experimentRecord";

/** A number over the seeds that are there, in percent. */
export interface Value {
  mean: number;
  /** Population standard deviation over the seeds; null where nothing varies: zero-shot, one seed, published. */
  deviation: number | null;
  /** How many of the experiment's seeds mean and deviation are over; null where no seed has a part in it: zero-shot, published. */
  seeds: { there: number; of: number } | null;
}

/** Whether seeds are missing in a number, so that it cannot be compared with one over all of them. */
export function lacksSeeds({ seeds }: Value): boolean {
  return seeds !== null && seeds.there < seeds.of;
}

export interface TableCell {
  /** Null where runs are missing, or nothing is published. */
  value: Value | null;
  /** Whether, of what was measured here, nothing over all seeds in this column of its section prints higher; false where nothing is to compare. */
  best: boolean;
  /** Percentage points above CLIP without adapters, as this experiment measured it. */
  toZeroShot: number | null;
  /** Percentage points above the published number of the same method. */
  toPublished: number | null;
}

export interface TableRow {
  label: string;
  kind: "measured" | "published";
  /** One for each column. */
  cells: TableCell[];
  /** Number of the row's source in the table's list, or of that of the row it is compared with; null for none. */
  source: number | null;
}

/** Rows of one data set, or of the average. */
export interface TableSection {
  title: string;
  rows: TableRow[];
}

/** What an experiment adds up to; renderers make text of it. */
export interface Table {
  title: string;
  protocol: ExperimentProtocol;
  columns: string[];
  /** The column whose differences are shown where there is room for one. */
  main: number;
  sections: TableSection[];
  /** How the numbers were made, but for the differences. */
  notes: string[];
  /** What is missing, and where the setting differs from the published one. */
  warnings: string[];
  /** Where published numbers are from; row sources count from 1. */
  sources: string[];
}
