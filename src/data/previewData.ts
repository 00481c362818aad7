import type { Config } from "../protocol/config";
import type { DataPreview, PreviewSplit } from "../protocol/dataReport";
import { openData, openTest, type OpenedData } from "./openData";
import { findDataSet } from "./sets/index";
import { resolveTargets, withTargets } from "./targets";
import type { Sample } from "./types";

/** What of a configuration decides which images a run has. */
export type PreviewedConfig = Pick<Config, "data" | "protocol" | "seed" | "evaluation">;

/**
 * Everything that a run of the configuration would train on and measure, split by split; of a data set with test images only, what is
 * measured. No image is opened.
 */
export function previewData({ data, protocol, seed, evaluation }: PreviewedConfig): DataPreview {
  const { dataset, shots, order } = data;
  const testOnly = dataset !== "folder" && findDataSet(dataset).published.train === 0;
  const opened = testOnly ? openTest(data, protocol) : openData(data, protocol, seed);
  const all = withTargets(opened, resolveTargets(evaluation.targets, data.template));
  return { dataset, shots, seed, order, protocol, splits: splitsOf(all), notes: all.notes };
}

function splitsOf({ imageRoot, classNames, train, val, evaluations }: OpenedData): PreviewSplit[] {
  const split = (
    name: string,
    names: string[],
    samples: readonly Sample[],
    root = imageRoot,
  ): PreviewSplit => ({
    split: name,
    imageRoot: root,
    classNames: names,
    images: samples.map(({ path, label }) => [path, label]),
  });
  const measured = evaluations
    .filter((evaluation) => evaluation.split !== "val")
    .map((each) => split(each.split, each.classNames, each.samples, each.imageRoot));
  const own = [split("train", classNames, train), split("val", classNames, val)];
  return [...own.filter(({ images }) => images.length > 0), ...measured];
}
