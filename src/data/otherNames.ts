import { unexpectedNames } from "./classNames";
import { dataRoot } from "./dataRoot";
import { locateDataSet } from "./locate";
import type { ReadData } from "./readData";
import { nameRuleOf } from "./sets/dataSet";
import { findDataSet } from "./sets/index";

/** How many classes of a published data set are not named as its publisher names them; 0 for a folder of images. */
export function countOtherNames(named: Parameters<ReadData>[0], read: ReadData): number {
  if (named.dataset === "folder") return 0;
  const set = findDataSet(named.dataset);
  const rule = nameRuleOf(set, locateDataSet(set, dataRoot(named)));
  return rule === null ? 0 : unexpectedNames(read(named).value, rule).size;
}
