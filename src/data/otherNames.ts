import { UserError } from "../util/errors";
import { unexpectedNames } from "./classNames";
import { dataRoot } from "./dataRoot";
import { locateDataSet } from "./locate";
import type { ReadData } from "./readData";
import type { DataSet, NameRule } from "./sets/dataSet";
import { findDataSet } from "./sets/index";

/** How many classes of a published data set are not named as its publisher names them; 0 for a folder of images. */
export function countOtherNames(named: Parameters<ReadData>[0], read: ReadData): number {
  if (named.dataset === "folder") return 0;
  const set = findDataSet(named.dataset);
  const rule = ruleOf(set, locateDataSet(set, dataRoot(named)));
  return rule === null ? 0 : unexpectedNames(read(named).value, rule).size;
}

/** The rule; null where there is none, or where the file that it needs cannot be read, as the check of the data set says. */
function ruleOf(set: DataSet, folder: string): NameRule | null {
  try {
    return set.nameRule(folder);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return null;
  }
}
