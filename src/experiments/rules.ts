import type { ExperimentRecord, NamedSet } from "../protocol/experimentRecord";
import { targetSplit } from "../protocol/splits";
import { harmonic, meanOfAll } from "./statistics";

/** The accuracy in percent of a trained data set's run on one of its splits; null where it is not known. */
export type Lookup = (dataset: string, shots: number, split: string) => number | null;

/** A part of a table: how its numbers come from accuracies, whether those of one seed or means over seeds. */
export interface SectionRule {
  title: string;
  /** The data sets whose numbers go into it, those of transfer without the source. */
  sets: readonly NamedSet[];
  isAverage: boolean;
  values: (accuracy: Lookup) => (number | null)[];
}

/** Columns and sections of a protocol's table. */
export interface TableRules {
  columns: string[];
  /**
   * The columns that differences may begin with, the most wanted one first: they do with the first of them that has something
   * published to compare with, or with the first where none has.
   */
  mains: number[];
  sections: SectionRule[];
}

/** How the table of an experiment is computed (Zhou et al. 2022; see the notes of each table). */
export function tableRules(record: ExperimentRecord): TableRules {
  switch (record.protocol) {
    case "few-shot":
      return fewShot(record);
    case "base-to-novel":
      return baseToNovel(record);
    case "domain-generalization":
    case "cross-dataset":
    case "own":
      return transfer(record);
  }
}

function fewShot({ datasets, shots }: ExperimentRecord): TableRules {
  const values = (sets: readonly NamedSet[]) => (accuracy: Lookup) =>
    shots.map((count) => meanOfAll(sets.map(({ name }) => accuracy(name, count, "all"))));
  return {
    columns: shots.map((count) => `${count} ${count === 1 ? "shot" : "shots"}`),
    mains: shots.map((_, i) => i).reverse(),
    sections: withAverage(datasets, values),
  };
}

function baseToNovel({ datasets, shots: [shots] }: ExperimentRecord): TableRules {
  // H of the averaged base and the averaged novel, as every published average has it, not the mean of the H.
  const values = (sets: readonly NamedSet[]) => (accuracy: Lookup) => {
    const [base, novel] = ["base", "novel"].map((split) =>
      meanOfAll(sets.map(({ name }) => accuracy(name, shots!, split))),
    ) as [number | null, number | null];
    return [base, novel, base === null || novel === null ? null : harmonic(base, novel)];
  };
  return { columns: ["Base", "Novel", "H"], mains: [2], sections: withAverage(datasets, values) };
}

function withAverage(
  datasets: readonly NamedSet[],
  values: (sets: readonly NamedSet[]) => SectionRule["values"],
): SectionRule[] {
  const single = datasets.map((set) => ({
    title: set.title,
    sets: [set],
    isAverage: false,
    values: values([set]),
  }));
  if (datasets.length === 1) return single;
  const title = `Average of ${datasets.length} data sets`;
  return [...single, { title, sets: datasets, isAverage: true, values: values(datasets) }];
}

/** One data set trained, others measured: the average leaves the source out. */
function transfer({ datasets, targets, shots: [shots] }: ExperimentRecord): TableRules {
  const source = datasets[0]!;
  const values = (accuracy: Lookup) => {
    const elsewhere = targets.map(({ name }) => accuracy(source.name, shots!, targetSplit(name)));
    return [accuracy(source.name, shots!, "all"), ...elsewhere, meanOfAll(elsewhere)];
  };
  return {
    columns: [source.title, ...targets.map(({ title }) => title), "Average"],
    mains: [targets.length + 1],
    sections: [{ title: `Trained on ${source.title}`, sets: targets, isAverage: true, values }],
  };
}
