import * as z from "zod";
import type { Table } from "./table";

/**
 * What the extension host and the page of an experiment's table say to each other. The page posts `ready`, the host answers
 * `experiment` and `table`, and sends either again when it changed.
 */

/** How the runs of one method on one data set stand, over seeds and shots; a bar in a tree or a line on a terminal. */
export interface CellProgress {
  dataset: string;
  method: string;
  runs: number;
  finished: number;
  failed: number;
  /** Runs whose trainer is at work. */
  running: number;
  /** Runs without a trainer that have come to their end and are only to be measured on more data sets. */
  measuring: number;
  /** Steps that are made, of those that the runs have which are there. */
  step: number;
  steps: number;
  /** Share of all that is done, 0 to 1: of steps, or of data sets where a run is only to be measured on more. */
  share: number;
}

/** "partial" was begun and neither runs nor is whole; "broken" is a file that cannot be read. */
export type PageExperimentState = "new" | "running" | "partial" | "finished" | "broken";

/** An experiment as the page's header shows it. */
export interface ExperimentView {
  name: string;
  protocol: string;
  state: PageExperimentState;
  /** Trained data sets: names as in `cells`, and what tables call them. */
  datasets: { name: string; title: string }[];
  methods: string[];
  cells: CellProgress[];
  /** Runs that an executor holds and has not started, without those that are only to be measured. */
  waiting: number;
  /** Of one that was begun, runs that nobody works on, waits for or has failed with. */
  left: number;
  /** Why runs failed: the first distinct reasons. */
  failures: string[];
  /** Why the file or its executor could not be read, or which runs hold no longer: sentences for the user. */
  problem: string | null;
}

/** From the host to the page. */
export type TableHostMessage =
  /** How the experiment stands; null where it is not in the workspace any more. */
  | {
      type: "experiment";
      /** Its file, which the page keeps to be found again by. */
      file: string;
      experiment: ExperimentView | null;
      /** Translations of `pageStrings`; what is missing stays English. */
      strings: Record<string, string>;
      /** False where the workspace may only be looked at. */
      mayControl: boolean;
    }
  /** The table of the runs that are finished; null before the file was expanded. */
  | { type: "table"; table: Table | null };

/** The formats that a table is saved in. */
export const exportFormats = ["markdown", "csv", "latex"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What the page keeps over a reload (its own state, and the panel's in the editor). */
export const tablePageStateSchema = z.object({
  version: z.literal(1),
  /** The experiment's file. */
  file: z.string().max(4000),
  /** The column whose differences are shown; null is the main one of the table. */
  column: z.number().int().nonnegative().nullable(),
  /** Whether published rows are shown. */
  published: z.boolean(),
});
export type TablePageState = z.output<typeof tablePageStateSchema>;

const name = z.string().max(200);
const tablePageMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({
    type: z.literal("export"),
    format: z.enum(exportFormats),
    to: z.enum(["file", "clipboard"]),
  }),
  z.object({ type: z.literal("control"), action: z.enum(["run", "continue", "stop"]) }),
  z.object({ type: z.literal("openFile") }),
  z.object({ type: z.literal("openRuns"), dataset: name, method: name }),
]);
/** From the page to the host. */
export type TablePageMessage = z.output<typeof tablePageMessageSchema>;

/** A message of the page; null where it is none. */
export function parseTablePageMessage(value: unknown): TablePageMessage | null {
  return tablePageMessageSchema.safeParse(value).data ?? null;
}

/** The state that the editor kept of a panel; null where it cannot be read. */
export function parseTablePageState(value: unknown): TablePageState | null {
  return tablePageStateSchema.safeParse(value).data ?? null;
}
