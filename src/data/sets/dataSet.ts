import type { Download, SplitCounts } from "../../protocol/dataReport";
import { UserError } from "../../util/errors";
import type { SplitLists } from "../types";

/** One way in which a data set may lie on disk. */
export interface Layout {
  /** Whose code reads it so. */
  by: "CoOp" | "CLIP-LoRA";
  /** Name of the data set's folder; compared without case. */
  folder: string;
  /** Folder of the images below it; "" where they are the same. */
  images: string;
}

/** Of one image: the name that its class must have by the publisher's rule; null where the rule cannot say. */
export type NameRule = (image: { path: string; label: number; name: string }) => string | null;

/** How one published data set lies on disk, and how it is read. */
export interface DataSet {
  /** What `data.dataset` says, e.g. "caltech101". */
  name: string;
  /** Its name in tables, e.g. "Caltech-101". */
  title: string;
  /** What else `data.dataset` may say, beside the folders' names. */
  aliases: readonly string[];
  /** In the order tried. */
  layouts: readonly Layout[];
  /** Folders that must be in the images' folder, e.g. "train"; layouts without them are passed over. */
  within: readonly string[];
  /** Paths below its folder; it is recognised, whatever the folder's name, by all paths of one group. */
  marks: readonly (readonly string[])[];
  /** The file that lists images or names classes, below its folder; errors name it. */
  listFile: string;
  /** Whether images are what lies in the folders, instead of what a file lists. */
  foundInFolders: boolean;
  /** Whether its validation images are the test images, as ImageNet's are. */
  valIsTest: boolean;
  /** CoOp's zero-shot prompt for it. */
  template: string;
  /** What the published split holds. */
  published: SplitCounts;
  /** The rule by which classes got their names, given the data set's folder; null where it cannot be checked. */
  nameRule: (folder: string) => NameRule | null;
  downloads: readonly Download[];
  /**
   * Reads lists and names from the data set's folder, without opening an image; throws a `UserError` for bad files. A
   * data set that is only tested on has empty `train` and `val`.
   */
  readLists: (folder: string) => SplitLists;
}

/** The rule that a class is called as its folder. */
export const folderName: NameRule = ({ path }) => path.split("/").at(-2) ?? null;

/**
 * The rule by which the classes of a data set got their names; null where there is none, or where the file that it needs cannot be
 * read, as `onMissing` is told.
 */
export function nameRuleOf(
  set: DataSet,
  folder: string,
  onMissing: (message: string) => void = () => undefined,
): NameRule | null {
  try {
    return set.nameRule(folder);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onMissing(error.message);
    return null;
  }
}
