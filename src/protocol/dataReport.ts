/** What `glad data` finds and prints as JSON, and the editor shows. */

/** How many classes and images a data set has. */
export interface SplitCounts {
  classes: number;
  train: number;
  val: number;
  test: number;
}

/** The parts of a data set. */
export const dataParts = ["train", "val", "test"] as const;
export type DataPart = (typeof dataParts)[number];

/** A class as its data set spells it, in the order of the labels, with its images. */
export type ClassCounts = { name: string } & Record<DataPart, number>;

/** A file to fetch. Nothing is downloaded by us: licences are between the user and the publisher. */
export interface Download {
  /** What it is, and where it goes if that is not obvious. */
  what: string;
  url: string;
  /** Whether the address answered in June 2026, or when it was tried since; "unknown" where that cannot be said. */
  state: "alive" | "dead" | "unknown";
  /** What it answered when it was asked, e.g. "HTTP 404". */
  answer?: string;
  /** When it was asked (ISO 8601). */
  tried?: string;
}

/** An image that a finding is about: its path below the image root, and what there is to say of it. */
export interface FoundImage {
  path: string;
  note: string | null;
  /** There is no such file. */
  gone?: boolean;
}

/** One thing that was looked at. A "failed" one stops a run, a "note" is good to know. */
export interface DataFinding {
  state: "ok" | "note" | "failed";
  text: string;
  /** The images that it is about, at most `mostImages`; those of a row are the same image under several names. */
  images?: FoundImage[][];
  /** Whether it took opening the images to find out. */
  opened?: boolean;
}

/** So many rows of images a finding names at most. */
export const mostImages = 200;

/** What was found of one data set. */
export interface DataSetReport {
  /** What `data.dataset` would say. */
  dataset: string;
  title: string;
  folder: string;
  /** The folder that the images' paths are relative to; null where there is none. */
  imageRoot: string | null;
  /** "CoOp's layout" and the like; null for a folder of images. */
  layout: string | null;
  /** Null where the lists cannot be read. */
  counts: SplitCounts | null;
  /** What the published split holds; null for a folder of images. */
  published: SplitCounts | null;
  /** Empty where the lists cannot be read. */
  classes: ClassCounts[];
  findings: DataFinding[];
  /** Where to get what is missing or damaged. */
  downloads: readonly Download[];
}

/** A data set that is not there, and where to get it. */
export interface AbsentDataSet {
  dataset: string;
  title: string;
  /** Names that its folder may have. */
  folders: string[];
  downloads: readonly Download[];
}

/** How it went when addresses were asked whether they are still there. */
export interface AddressOutcome {
  /** When that began (ISO 8601); null where they stand as they were found in June 2026. */
  tried: string | null;
  /** Why none of them could be asked; null also where nobody wanted to. */
  problem: string | null;
}

/** What `glad data addresses --json` prints. */
export interface AddressReport {
  /** When the addresses were tried (ISO 8601); null where they stand as they were found in June 2026. */
  tried: string | null;
  sets: AbsentDataSet[];
}

/** What `glad data check` found. */
export interface DataReport {
  /** The folder that was asked about; null for what the user has linked. */
  root: string | null;
  sets: DataSetReport[];
  /** Data sets that are not below `root`; empty where it is a single data set. */
  absent: AbsentDataSet[];
  /** Of the addresses of what is missing. */
  addresses: AddressOutcome;
}

/** How far the check of one data set is. */
export interface CheckProgress {
  dataset: string;
  title: string;
  done: number;
  total: number;
}

/** A line of `glad data check --progress json`. */
export type CheckEvent =
  ({ type: "progress" } & CheckProgress) | { type: "report"; report: DataSetReport };

/** Where a data set was looked for: a folder that was named, what the user has linked, or the workspace. */
export type DataOrigin = "named" | "linked" | "workspace";

/** A line of `glad data list --json`. */
export type ListEvent =
  /** A data set that lies in or below `root`. */
  | { type: "set"; origin: DataOrigin; root: string; report: DataSetReport }
  /** The end: the folders in which a change may change the list. */
  | { type: "end"; watch: string[] };

/** What `glad data images` prints: the images of one class of a data set. */
export interface ClassImages {
  title: string;
  name: string;
  imageRoot: string;
  images: { path: string; part: string }[];
}

/** One split of what a run trains on or measures: its classes, and its images as [path, label]. */
export interface PreviewSplit {
  split: string;
  imageRoot: string;
  classNames: string[];
  images: [path: string, label: number][];
}

/**
 * What `glad data preview` prints: everything that a run would train on and measure. The first line has no image yet, the
 * further ones are `MoreImages`, so that who reads them is never kept busy for long.
 */
export interface DataPreview {
  dataset: string;
  shots: number | null;
  seed: number;
  order: string;
  protocol: string;
  splits: PreviewSplit[];
  /** Sentences: what was left out, filled or held out. */
  notes: string[];
}

/** Further images of the n-th split of a preview. */
export interface MoreImages {
  split: number;
  images: PreviewSplit["images"];
}

/** A line of `glad data thumbnails`: the picture's file, or why there is none. */
export type Thumbnail = { path: string } & (
  { file: string; problem: null } | { file: null; problem: string }
);
