import { join } from "node:path";
import { UserError } from "../util/errors";
import { firstFive, plural } from "../util/text";
import { locateImageRoot } from "./locate";
import { findMissing } from "./samplePaths";
import type { DataSet } from "./sets/dataSet";
import type { DataSplit } from "./types";

/** Reads a published data set from its folder; all images must be there. */
export function readPublished(set: DataSet, folder: string): DataSplit {
  const lists = set.readLists(folder);
  const imageRoot = locateImageRoot(set, folder);
  // What was found by looking into the folders is there.
  if (set.foundInFolders) return { imageRoot, ...lists };
  const samples = [...lists.train, ...lists.val, ...lists.test];
  const missing = findMissing(imageRoot, samples);
  if (missing.length > 0) {
    throw new UserError(
      `${join(folder, set.listFile)}: ${plural(missing.length, "image")} of ${samples.length} missing below ${imageRoot}: ${firstFive(missing)}; unpack the images there under the names of the split`,
    );
  }
  return { imageRoot, ...lists };
}
