import type { PredictProgress } from "./predicted";
import type { AbsentDataSet, CheckProgress, DataSetReport } from "./dataReport";

/**
 * What the extension host and the data pages say to each other: the contact sheet of a class, the counts of a split, and the
 * check of data sets. The page posts `ready` and is sent everything; it keeps nothing but where it came from.
 */

/** Which images a run would have: those of a configuration, or of a data set with these settings. */
export type SplitSource =
  { config: string } | { root: string; dataset: string; shots: number | null; seed: number };

/** What a page shows; the editor keeps it over a reload. */
export type DataSource =
  /** A class of a data set, by its label. */
  | { page: "class"; root: string; dataset: string; label: number; name: string }
  /** A class as it is in the splits of a run. */
  | { page: "sampled"; of: SplitSource; name: string }
  | { page: "split"; of: SplitSource }
  /** A folder's data sets; null for what the user has linked. */
  | { page: "check"; root: string | null; dataset: string | null }
  /** Images, and images in and below folders, by the classes that a checkpoint of a run (null: the newest) gives them. */
  | { page: "classified"; run: string; checkpoint: string | null; places: string[] };

/** An image of a contact sheet; `root` is a place in the sheet's list of roots. */
export interface SheetImage {
  path: string;
  /** The part of the data set, or the class, under which it is shown. */
  part: string;
  root: number;
  /** What a model says of it, in short and in full. */
  said?: { short: string; full: string };
}

/** What the images of a contact sheet are grouped by. `""` is the class of those that cannot be read. */
export type SheetGroups = "parts" | "classes";

/** A thumbnail, or why there is none. */
export interface SheetThumbnail {
  root: number;
  path: string;
  uri: string | null;
  problem: string | null;
}

/** Rows are classes, columns are splits. */
export interface SplitTable {
  splits: { split: string; classes: number; images: number }[];
  /** Images in each split; null where the split does not have the class. */
  classes: { name: string; counts: (number | null)[] }[];
}

/** How a check stands. "cancelled" and "failed" keep what was found until then. */
export type CheckState = "none" | "running" | "done" | "cancelled" | "failed";

/** How it stands with the addresses of data sets. */
export interface AddressState {
  trying: boolean;
  /** Why the last trial came to nothing. */
  problem: string | null;
}

/** From the host to the page. */
export type DataHostMessage = { strings: Record<string, string> } & (
  | {
      type: "sheet";
      source: DataSource;
      title: string;
      subtitle: string;
      groups: SheetGroups;
      images: SheetImage[];
    }
  | {
      type: "split";
      source: DataSource;
      title: string;
      /** The settings that the images depend on, e.g. `["Shots", "16"]`. */
      facts: [name: string, value: string][];
      table: SplitTable;
      notes: string[];
    }
  | {
      type: "check";
      source: DataSource;
      /** The folder; null for what is linked. */
      root: string | null;
      state: CheckState;
      message: string | null;
      reports: Omit<DataSetReport, "classes">[];
      absent: AbsentDataSet[];
      addresses: AddressState;
      /** When the check ended, for the user. */
      time: string | null;
      mayRun: boolean;
    }
  /** Something is being prepared: the page waits. */
  | { type: "waiting"; source: DataSource; title: string }
  /** How far the images of the page that waits are classified. */
  | { type: "classifying"; progress: PredictProgress }
  /** Nothing can be shown, and why. Where nothing may be started, nothing can be asked for again. */
  | { type: "failed"; source: DataSource; title: string; message: string; mayRun: boolean }
  | { type: "progress"; progress: CheckProgress }
  | { type: "thumbnails"; thumbnails: SheetThumbnail[] }
);

/** From the page to the host. */
export type DataPageMessage =
  | { type: "ready" }
  /** These images of the sheet came into view. */
  | { type: "want"; images: { root: number; path: string }[] }
  /** An image of the sheet shall be opened in the editor. */
  | { type: "openImage"; root: number; path: string }
  /** What a model says of the images of the sheet shall be saved as a table. */
  | { type: "saveTable" }
  /** An image that a finding of the n-th report names. */
  | { type: "openFound"; report: number; path: string }
  /** The class of a split's table shall be shown as a contact sheet. */
  | { type: "openClass"; name: string }
  /** A check, or the classifying of images, shall be made anew. */
  | { type: "check" }
  | { type: "cancel" }
  /** The addresses of what is missing shall be asked whether they are still there. */
  | { type: "tryAddresses" }
  /** The folder of the n-th report shall be shown. */
  | { type: "reveal"; report: number };
