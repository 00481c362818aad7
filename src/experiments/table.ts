import type { ExperimentRecord } from "../protocol/experimentRecord";
import type { CellResult } from "./collect";
import { comparisonsOf, type PublishedValues } from "./comparisons";
import { type Lookup, type SectionRule, tableRules } from "./rules";
import { mean, populationDeviation } from "./statistics";
import {
  lacksSeeds,
  type Table,
  type TableCell,
  type TableRow,
  type TableSection,
  type Value,
} from "../protocol/table";
import { tableNotes, tableWarnings } from "./tableTexts";

/** The table of an experiment from its runs' raw counts, with the published numbers beside them. */
export function makeTable(record: ExperimentRecord, results: readonly CellResult[]): Table {
  const { columns, mains, sections } = tableRules(record);
  const sources: string[] = [];
  const numberOf = (source: string): number => {
    if (!sources.includes(source)) sources.push(source);
    return sources.indexOf(source) + 1;
  };
  const lookups = new Map(
    record.methods.map(({ name }) => [name, lookupsOf(record, results, name)]),
  );
  const compared = sections.map((rule) => comparisonsOf(record, rule, columns.length));
  const made = sections.map((rule, i): TableSection => {
    const others = compared[i]!;
    const measured = record.methods.map(({ name, kind, model }): TableRow => {
      // That of the same model.
      const reference = record.methods.find(
        (each) => each.kind === "zero-shot" && each.model === model,
      );
      const zeroShot = reference ? valuesOf(lookups.get(reference.name)!, rule) : null;
      const values = valuesOf(lookups.get(name)!, rule);
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
    markBest(measured);
    return { title: rule.title, rows: [...measured, ...others.map(publishedRow(numberOf))] };
  });
  return {
    title: record.name === record.protocol ? record.name : `${record.name}: ${record.protocol}`,
    protocol: record.protocol,
    columns,
    main: mainColumn(mains, record, compared.flat()),
    sections: made,
    notes: tableNotes(record, made, compared.flat()),
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

/** The first of some columns in which a method of the experiment has a published number, whatever is measured as yet. */
function mainColumn(
  columns: readonly number[],
  { methods }: ExperimentRecord,
  compared: readonly PublishedValues[],
): number {
  const counterparts = compared.filter(({ counterpart }) =>
    methods.some(({ kind }) => kind === counterpart),
  );
  const found = columns.find((i) => counterparts.some(({ values }) => values[i] !== null));
  return found ?? columns[0]!;
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
    best: false,
    toZeroShot: value && zeroShot && difference(value.mean, zeroShot.mean),
    toPublished: value && published !== null ? difference(value.mean, published) : null,
  };
}

/** Equal means may be added up in different order: what is left of them is no difference. */
function difference(a: number, b: number): number {
  return Math.abs(a - b) < 1e-9 ? 0 : a - b;
}

/** Marks the highest mean over all seeds in each column where there are several. Means that print alike are alike: the rest is rounding. */
function markBest(rows: readonly TableRow[]): void {
  for (let column = 0; column < rows[0]!.cells.length; column++) {
    const compared = rows.flatMap(({ cells }) => {
      const cell = cells[column]!;
      return cell.value && !lacksSeeds(cell.value)
        ? [{ cell, printed: Number(cell.value.mean.toFixed(2)) }]
        : [];
    });
    if (compared.length < 2) continue;
    const highest = Math.max(...compared.map(({ printed }) => printed));
    for (const { cell, printed } of compared) cell.best = printed === highest;
  }
}

/** A number without seeds. */
function plainValue(mean: number | null): Value | null {
  return mean === null ? null : { mean, deviation: null, seeds: null };
}

function publishedRow(numberOf: (source: string) => number) {
  return ({ method, source, values }: PublishedValues): TableRow => ({
    label: method,
    kind: "published",
    cells: values.map((value) => ({
      value: plainValue(value),
      best: false,
      toZeroShot: null,
      toPublished: null,
    })),
    source: numberOf(source),
  });
}

/** A method's accuracies, averaged over some of its seeds. */
interface Lookups {
  /** The experiment's seeds; none for a method that depends on none. */
  seeds: readonly number[];
  over: (seeds: readonly number[]) => Lookup;
}

function lookupsOf(
  { seeds }: ExperimentRecord,
  results: readonly CellResult[],
  method: string,
): Lookups {
  const own = results.filter(({ cell }) => cell.method === method);
  const made = new Map<string, Lookup>();
  return {
    seeds: own.some(({ cell }) => cell.seed !== null) ? seeds : [],
    over(some) {
      const key = some.join();
      const found =
        made.get(key) ??
        lookupIn(own.filter(({ cell }) => cell.seed === null || some.includes(cell.seed)));
      made.set(key, found);
      return found;
    },
  };
}

/**
 * A section's columns for one method: means by the rule applied to accuracies averaged over seeds, deviations over the
 * rule applied to each seed alone. Both are over the seeds of which all is there that the column needs.
 */
function valuesOf({ seeds, over }: Lookups, { values }: SectionRule): (Value | null)[] {
  if (seeds.length === 0) return values(over([])).map((middle) => plainValue(middle));
  const each = seeds.map((seed) => ({ seed, columns: values(over([seed])) }));
  return each[0]!.columns.map((_, column) => {
    const there = each.filter(({ columns }) => columns[column] !== null);
    const middle = values(over(there.map(({ seed }) => seed)))[column]!;
    if (middle === null) return null;
    const single = there.map(({ columns }) => columns[column]!);
    return {
      mean: middle,
      deviation: single.length > 1 ? populationDeviation(single) : null,
      seeds: { there: there.length, of: seeds.length },
    };
  });
}

/** Accuracies in percent, averaged over the results that are of the same cell but for the seed. */
function lookupIn(results: readonly CellResult[]): Lookup {
  // Zero-shot takes no images, so its shots are null and it stands beside all numbers of them.
  const found = new Map<string, number[]>();
  const keyOf = (...parts: (string | number | null)[]): string => parts.join("\n");
  for (const { cell, splits } of results)
    for (const [split, { correct, total }] of Object.entries(splits ?? {})) {
      const key = keyOf(cell.dataset, cell.shots, split);
      found.set(key, [...(found.get(key) ?? []), (100 * correct) / total]);
    }
  return (dataset, shots, split) => {
    const own = found.get(keyOf(dataset, shots, split)) ?? [];
    const any = found.get(keyOf(dataset, null, split)) ?? [];
    return own.length + any.length === 0 ? null : mean([...own, ...any]);
  };
}
