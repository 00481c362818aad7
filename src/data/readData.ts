import { resolve } from "node:path";
import type { Config } from "../protocol/config";
import { readImageFolder } from "./imageFolder";
import { locateDataSet, locateImageRoot, requireFolder } from "./locate";
import { readPublished } from "./published";
import { findDataSet } from "./sets/index";
import type { DataSplit, WithNotes } from "./types";

/** A whole data set, all classes and all images, and what is known of its making. */
export interface WholeData extends WithNotes<DataSplit> {
  /** Whether it is a user's folder of images, not a published data set. */
  own: boolean;
  /** Whether its test images were held out by our rule, not by the user or a publisher. */
  heldOutHere: boolean;
}

type Named = Pick<Config["data"], "root" | "dataset">;

/** Reads the data set that the configuration names. */
export function readData({ root, dataset }: Named): WholeData {
  if (dataset === "folder") return { ...readImageFolder(root), own: true };
  const set = findDataSet(dataset);
  const value = readPublished(set, locateDataSet(set, root));
  return { value, notes: [], own: false, heldOutHere: false };
}

/** The folder that the data set's paths are relative to, without reading the data set. */
export function readImageRoot({ root, dataset }: Named): string {
  if (dataset !== "folder") {
    const set = findDataSet(dataset);
    return locateImageRoot(set, locateDataSet(set, root));
  }
  requireFolder(root);
  return resolve(root);
}
