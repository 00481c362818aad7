import { UserError } from "../../util/errors";
import { caltech101 } from "./caltech101";
import type { DataSet } from "./dataSet";

/** Every data set that is read by name. To add one: a file beside this one, and a line here. */
export const dataSets: readonly DataSet[] = [caltech101];

/** The data set that `data.dataset` names, compared without case, dashes and underscores. */
export function findDataSet(name: string): DataSet {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, "");
  const found = dataSets.find((set) => plain(set.name) === plain(name));
  if (found) return found;
  const known = ["folder", ...dataSets.map((set) => set.name)].map((text) => `"${text}"`);
  throw new UserError(`data.dataset: unknown data set "${name}"; known are ${known.join(", ")}`);
}
