import type { RunView, TableRows } from "../../src/protocol/page";
import { clock, integer, measured, percent } from "../format";
import { splitName, t } from "../strings";
import { table, type Column } from "../ui/table";
import { evaluationsOf } from "./evaluations";
import { orderSplits, type ChartDefinition, type CurveToggle } from "./definitions";

/** How many rows of a run the table behind a chart shows; the CSV file has all. */
export const tableLimit = 50;

/** The numbers behind a chart, as they were recorded. */
export function curveTable(
  title: string,
  rows: readonly TableRows[],
  runs: readonly RunView[],
  toggles: readonly CurveToggle[],
): HTMLElement {
  const compare = runs.length > 1;
  const shown = toggles.filter((toggle) => toggle.shown);
  const columns: Column[] = [
    { head: t("step"), number: true },
    { head: t("time"), number: true },
    ...(compare ? [{ head: t("run") }] : []),
    ...shown.map(({ name }) => ({ head: name, number: true })),
  ];
  const cells = rows.flatMap(({ run, columns: values }) =>
    Array.from(values.step, (step, i) => [
      integer(step),
      clock(values.seconds[i]!, true),
      ...(compare ? [runs.find(({ id }) => id === run)?.name ?? run] : []),
      ...shown.map(({ curve }) => numberText(values[curve as keyof typeof values][i]!)),
    ]),
  );
  const recorded = rows.reduce((sum, each) => sum + each.recorded, 0);
  const caption = t("tableCaption", title, integer(cells.length), integer(recorded));
  return table(caption, columns, cells);
}

/** All evaluations of some runs. */
export function accuracyTable(
  { title }: ChartDefinition,
  runs: readonly RunView[],
  toggles: readonly CurveToggle[],
): HTMLElement {
  const compare = runs.length > 1;
  const splits = orderSplits(toggles.filter(({ shown }) => shown).map(({ curve }) => curve));
  const columns: Column[] = [
    { head: t("step"), number: true },
    { head: t("time"), number: true },
    ...(compare ? [{ head: t("run") }] : []),
    ...splits.map((split) => ({ head: splitName(split), number: true })),
  ];
  const cells = runs.flatMap((run) => {
    const evaluations = evaluationsOf(run);
    const places = [
      ...new Map(evaluations.map((each) => [`${each.step} ${each.zeroShot}`, each])).values(),
    ];
    return places.map(({ step, seconds, zeroShot }) => [
      zeroShot ? t("zeroShot") : integer(step),
      clock(seconds, true),
      ...(compare ? [run.name] : []),
      ...splits.map((split) => {
        const found = evaluations.find(
          (each) => each.split === split && each.step === step && each.zeroShot === zeroShot,
        );
        return found ? percent(found.accuracy) : "–";
      }),
    ]);
  });
  return table(t("accuracyCaption", t(title)), columns, cells);
}

function numberText(value: number): string {
  return Number.isNaN(value) ? "–" : measured(value);
}
