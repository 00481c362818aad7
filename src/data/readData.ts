import type { Config } from "../protocol/config";
import { dataRoot } from "./dataRoot";
import { readImageFolder } from "./imageFolder";
import { describeLayout, locateDataSet, locateImageRoot, requireFolder } from "./locate";
import { readPublished } from "./published";
import { findDataSet } from "./sets/index";
import type { DataSplit, WithNotes } from "./types";

/** A whole data set, all classes and all images, and what is known of its making. */
export interface WholeData extends WithNotes<DataSplit> {
  /** Whether it is a user's folder of images, not a published data set. */
  own: boolean;
  /** Whether its test images were held out by our rule, not by the user or a publisher. */
  heldOutHere: boolean;
  /** Notes for who trains on it, and not for who only measures on its test images. */
  trainingNotes: string[];
  /** Whether its validation images are the test images, as ImageNet's are. */
  valIsTest: boolean;
}

type Named = Pick<Config["data"], "root" | "dataset">;
/** Something that reads data sets as `readData` does. */
export type ReadData = (named: Named) => WholeData;

/** Reads the data set that the configuration names. A data set without training images has empty `train` and `val`. */
export function readData(named: Named): WholeData {
  const root = dataRoot(named);
  if (named.dataset === "folder") return { ...readImageFolder(root), own: true, valIsTest: false };
  const set = findDataSet(named.dataset);
  const folder = locateDataSet(set, root);
  const notes = [`${set.title} is read from ${folder} (${describeLayout(set, folder)}).`];
  const { valIsTest } = set;
  const value = readPublished(set, folder);
  return { value, notes, trainingNotes: [], own: false, heldOutHere: false, valIsTest };
}

/**
 * Reads each data set once: for making many runs on the same ones, since listing ImageNet's 1.3 million files takes
 * seconds on a disk and minutes over a network.
 */
export function readOnce(): ReadData {
  const known = new Map<string, WholeData>();
  return (named) => {
    const key = JSON.stringify([named.dataset, named.root]);
    const data = known.get(key) ?? readData(named);
    known.set(key, data);
    return data;
  };
}

/** The folder that the data set's paths are relative to, without reading the data set. */
export function readImageRoot(named: Named): string {
  const root = dataRoot(named);
  if (named.dataset !== "folder") {
    const set = findDataSet(named.dataset);
    return locateImageRoot(set, locateDataSet(set, root));
  }
  requireFolder(root);
  return root;
}
