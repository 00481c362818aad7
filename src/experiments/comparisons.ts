import { shiftedSets, trainedSets } from "../data/sets/index";
import type { ExperimentRecord, MethodKind } from "../protocol/experimentRecord";
import { targetName } from "../protocol/splits";
import { fewShotColumns, published, type PublishedMethod, sourceOf } from "./published";
import type { Lookup, SectionRule } from "./rules";

/** A published row for one section of a table, in the order of its columns. */
export interface PublishedValues {
  method: string;
  counterpart: MethodKind | null;
  values: (number | null)[];
  /** Whether there is an average among them that was computed here, from what is published of each data set. */
  averagedHere: boolean;
  source: string;
}

const eleven = trainedSets.map(({ name }) => name);
/** The data sets of a protocol's published averages: an average over others is not theirs. */
const averagedSets: Record<ExperimentRecord["protocol"], readonly string[]> = {
  "base-to-novel": eleven,
  "few-shot": eleven,
  "cross-dataset": eleven.filter((name) => name !== "imagenet"),
  "domain-generalization": shiftedSets.map(({ name }) => name),
  own: [],
};

/**
 * The published rows that a section can be compared with. An average over a part of the data sets is computed from the
 * rows per data set, by the section's own rule, where those are published.
 */
export function comparisonsOf(
  record: ExperimentRecord,
  rule: SectionRule,
  columns: number,
): PublishedValues[] {
  // Whoever is measured elsewhere was trained on ImageNet.
  if (record.targets.length > 0 && record.datasets[0]!.published !== "imagenet") return [];
  return published
    .filter(({ protocol }) => protocol === record.protocol)
    .flatMap((row) => {
      const { values, of } = valuesOf(row, record, rule, columns);
      if (values.every((value) => value === null)) return [];
      const { method, counterpart } = row;
      // Of transfer the last column alone is an average.
      const averages = record.targets.length > 0 ? values.slice(-1) : values;
      const averagedHere =
        of === "sets" &&
        rule.isAverage &&
        rule.sets.length > 1 &&
        averages.some((value) => value !== null);
      return [{ method, counterpart, values, averagedHere, source: sourceOf(row, of) }];
    });
}

interface Values {
  values: (number | null)[];
  /** What of the row they are, or are computed from. */
  of: "average" | "sets";
}

function valuesOf(
  row: PublishedMethod,
  record: ExperimentRecord,
  rule: SectionRule,
  columns: number,
): Values {
  const computed: Values = { values: rule.values(publishedLookup(row, record)), of: "sets" };
  const { average, protocol } = row;
  const sets = rule.sets.map((set) => set.published ?? "").sort();
  const whole = sets.join() === [...averagedSets[protocol]].sort().join();
  const stated = (values: (number | null)[]): Values => ({ values, of: "average" });
  switch (protocol) {
    case "few-shot":
      return rule.isAverage && whole && average ? stated(atShots(average, record.shots)) : computed;
    case "base-to-novel": {
      if (rule.isAverage && whole && average) return stated([...average]);
      // Per data set H is stated, not computed, so that it is what the paper prints.
      const [set] = rule.sets;
      const own = set?.published && row.sets[set.published];
      return !rule.isAverage && own ? { values: [...own], of: "sets" } : computed;
    }
    case "domain-generalization":
    case "cross-dataset":
      return whole && average
        ? stated([...computed.values.slice(0, columns - 1), average[0]!])
        : computed;
    case "own":
      return computed;
  }
}

function atShots(values: readonly (number | null)[], shots: readonly number[]): (number | null)[] {
  return shots.map((count) => values[fewShotColumns.indexOf(count)] ?? null);
}

/** A published row's accuracies as if they were ours. */
function publishedLookup({ sets }: PublishedMethod, record: ExperimentRecord): Lookup {
  const nameOf = (name: string): string | null =>
    [...record.datasets, ...record.targets].find((set) => set.name === name)?.published ?? null;
  return (dataset, shots, split) => {
    const values = sets[nameOf(targetName(split) ?? dataset) ?? ""];
    if (!values) return null;
    if (record.protocol === "few-shot") return values[fewShotColumns.indexOf(shots)] ?? null;
    return values[split === "novel" ? 1 : 0] ?? null;
  };
}
