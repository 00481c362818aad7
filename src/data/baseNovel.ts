import { UserError } from "../util/errors";
import type { DataSplit, Sample } from "./types";

export type Half = "base" | "novel";

/** Labels of the base classes (the first half, rounded up) or of the novel ones, by the data set's own order. */
export function halfLabels(classes: number, half: Half): number[] {
  const middle = Math.ceil(classes / 2);
  const [from, to] = half === "base" ? [0, middle] : [middle, classes];
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * The images and names of the base or the novel classes, relabelled from 0. As CoOp does, halves are taken after the
 * few-shot sampling, so those of one seed are slices of the same sample.
 */
export function takeHalf(split: DataSplit, half: Half): DataSplit {
  const labels = halfLabels(split.classNames.length, half);
  if (labels.length === 0) {
    throw new UserError(
      `protocol: base-to-novel leaves no class in the ${half} half of ${split.classNames.length}; at least two classes are needed`,
    );
  }
  const first = labels[0]!;
  const last = labels.at(-1)!;
  const take = (samples: readonly Sample[]) =>
    samples
      .filter(({ label }) => label >= first && label <= last)
      .map(({ path, label }) => ({ path, label: label - first }));
  return {
    imageRoot: split.imageRoot,
    classNames: split.classNames.slice(first, last + 1),
    sourceNames: split.sourceNames.slice(first, last + 1),
    train: take(split.train),
    val: take(split.val),
    test: take(split.test),
  };
}
