import { resolve } from "node:path";
import type { Config } from "../protocol/config";
import { UserError } from "../util/errors";
import { findDataSet } from "./sets/index";
import { readSettings } from "./userSettings";

/** The prompt that CLIP-LoRA uses for every data set; CoOp names no other for a folder of images. */
const plainTemplate = "a photo of a {}.";

/**
 * Absolute folder of the configuration's data: `data.root`, or else what the user has linked for the data set
 * (`glad data link`), or else the folder of all data sets in the user's settings (`glad data root`).
 */
export function dataRoot({ root, dataset }: Pick<Config["data"], "root" | "dataset">): string {
  if (root !== null) return resolve(root);
  if (dataset === "folder") {
    throw new UserError("data.root: is not given; name the folder that holds your images");
  }
  const { name } = findDataSet(dataset);
  const { data } = readSettings();
  const found = data.links[name] ?? data.root;
  if (found !== null) return resolve(found);
  throw new UserError(
    `data.root: is not given, and ${name} is not linked; name its folder, or let it be remembered by "glad data link ${name} PATH"`,
  );
}

/** The prompt's template; "dataset" stands for CoOp's own of the data set. */
export function promptTemplate({
  template,
  dataset,
}: Pick<Config["data"], "template" | "dataset">): string {
  if (template !== "dataset") return template;
  return dataset === "folder" ? plainTemplate : findDataSet(dataset).template;
}

/**
 * The configuration's data section with nothing left that the machine or the user's settings could change later: an
 * absolute root and the template as text. Runs are frozen with it.
 */
export function resolveData<T extends Config["data"]>(data: T): T & { root: string } {
  return { ...data, root: dataRoot(data), template: promptTemplate(data) };
}
