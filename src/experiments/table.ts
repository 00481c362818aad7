import type { ExperimentRecord } from "../protocol/experiment";
import type { CellResult } from "./collect";
import { comparisonsOf, type PublishedValues } from "./comparisons";
import { type Lookup, type SectionRule, tableRules } from "./rules";
import { mean, populationDeviation } from "./statistics";
import type { Table, TableCell, TableRow, TableSection, Value } from "./tableTypes";
import { tableNotes, tableWarnings } from "./tableTexts";

/** The table of an experiment from its runs' raw counts, with the published numbers beside them. */
export function makeTable(record: ExperimentRecord, results: readonly CellResult[]): Table {
  const { columns, main, sections } = tableRules(record);
  const sources: string[] = [];
  const numberOf = (source: string): number => {
    if (!sources.includes(source)) sources.push(source);
    return sources.indexOf(source) + 1;
  };
  const made = sections.map((rule): TableSection => {
    const others = comparisonsOf(record, rule, columns.length);
    const measured = record.methods.map(({ name, kind, model }): TableRow => {
      const zeroShot = zeroShotValues(record, results, rule, model);
      const values = valuesOf(record, results, name, rule);
      const counterpart = others.find((row) => row.counterpart === kind) ?? null;
      return {
        label: name,
        kind: "measured",
        cells: values.map((value, i) =>
          cellOf(value, kind === "zero-shot" ? null : (zeroShot?.[i] ?? null), counterpart, i),
        ),
        source: counterpart && numberOf(counterpart.source),
      };
    });
    return { title: rule.title, rows: [...measured, ...others.map(publishedRow(numberOf))] };
  });
  return {
    title: `${record.name}: ${record.protocol}`,
    protocol: record.protocol,
    columns,
    main,
    sections: made,
    notes: tableNotes(record, sources.length > 0),
    warnings: tableWarnings(
      record,
      results,
      made.flatMap(({ rows }) =>
        rows.filter(({ kind }) => kind === "published").map(({ label }) => label),
      ),
    ),
    sources,
  };
}

function cellOf(
  value: Value | null,
  zeroShot: Value | null,
  counterpart: PublishedValues | null,
  column: number,
): TableCell {
  const published = counterpart?.values[column] ?? null;
  return {
    value,
    toZeroShot: value && zeroShot && value.mean - zeroShot.mean,
    toPublished: value && published !== null ? value.mean - published : null,
  };
}

function publishedRow(numberOf: (source: string) => number) {
  return ({ method, source, values }: PublishedValues): TableRow => ({
    label: method,
    kind: "published",
    cells: values.map((value) => ({
      value: value === null ? null : { mean: value, deviation: null },
      toZeroShot: null,
      toPublished: null,
    })),
    source: numberOf(source),
  });
}

/** Those of the same model without adapters. */
function zeroShotValues(
  record: ExperimentRecord,
  results: readonly CellResult[],
  rule: SectionRule,
  model: string | undefined,
): (Value | null)[] | null {
  const method = record.methods.find((each) => each.kind === "zero-shot" && each.model === model);
  return method ? valuesOf(record, results, method.name, rule) : null;
}

/**
 * A section's columns for one method: means by the rule applied to accuracies averaged over seeds, deviations over the
 * rule applied to each seed alone.
 */
function valuesOf(
  { seeds }: ExperimentRecord,
  results: readonly CellResult[],
  method: string,
  { values }: SectionRule,
): (Value | null)[] {
  const own = results.filter(({ cell }) => cell.method === method);
  const averaged = values(lookupIn(own));
  const perSeed = own.some(({ cell }) => cell.seed !== null)
    ? seeds.map((seed) => values(lookupIn(own.filter(({ cell }) => cell.seed === seed))))
    : [];
  return averaged.map((middle, column) => {
    if (middle === null) return null;
    const single = perSeed.flatMap((each) => each[column] ?? []);
    return { mean: middle, deviation: single.length > 1 ? populationDeviation(single) : null };
  });
}

/** Accuracies in percent, averaged over the results that are of the same cell but for the seed. */
function lookupIn(results: readonly CellResult[]): Lookup {
  return (dataset, shots, split) => {
    const found = results.flatMap(({ cell, splits }) => {
      const counts = splits?.[split];
      const same = cell.dataset === dataset && (cell.shots ?? shots) === shots;
      return same && counts ? (100 * counts.correct) / counts.total : [];
    });
    return found.length === 0 ? null : mean(found);
  };
}
