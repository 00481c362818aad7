import type { SplitLists } from "../types";

/** How one published data set lies on disk, and how it is read. */
export interface DataSet {
  /** What `data.dataset` says, e.g. "caltech101". */
  name: string;
  /** Its name in tables, e.g. "Caltech-101". */
  title: string;
  /** Names that its folder goes by, in the order tried; compared without case. */
  folders: string[];
  /** Folder of the images below the data set's folder; "" where they are the same. */
  imageRoot: string;
  /** The file that lists the splits, below the data set's folder. */
  splitFile: string;
  /** CoOp's zero-shot prompt for it. */
  template: string;
  /** What the published split holds. */
  published: { classes: number; train: number; val: number; test: number };
  /** Reads lists and names from the data set's folder, without a look at the images; throws a `UserError` for bad files. */
  readLists: (folder: string) => SplitLists;
}
