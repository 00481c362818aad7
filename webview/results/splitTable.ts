import type { RunView } from "../../src/protocol/page";
import type { Context, Part } from "../context";
import { h, replaceChildren } from "../dom";
import { integer, percent } from "../format";
import { activeRun } from "../header";
import { splitName, t } from "../strings";
import { button } from "../ui/toolkit";
import { table, type Cell, type Column } from "../ui/table";
import { runHead } from "../charts/legend";
import { orderSplits } from "../charts/definitions";
import type { Theme } from "../theme";
import { changeText } from "./change";
import { accuraciesOf, type Measured, type SplitAccuracy } from "./accuracies";

/** Accuracy per split: of one run beside CLIP without adapters, of several runs side by side. */
export function createSplitTable(context: Context): Part {
  const list = h("div", {});
  const csv = button({ label: t("saveCsv"), look: "quiet" }, () => {
    const runs = context.model.runs.map(({ id }) => id);
    context.bridge.post({ type: "exportCsv", runs, what: "accuracy" });
  });
  const element = h(
    "section",
    { class: "split-table", "aria-labelledby": "splits-title" },
    h(
      "div",
      { class: "block-head" },
      h("h2", { id: "splits-title", text: t("perSplit") }),
      h("span", { class: "spacer" }),
      csv.element,
    ),
    list,
  );
  let built = "";
  return {
    element,
    update() {
      const { runs } = context.model;
      const run = activeRun(context);
      const shape = JSON.stringify([
        runs.map(({ id, name, colour, evaluations }) => [id, name, colour, evaluations]),
        context.theme,
      ]);
      if (!run || shape === built) return;
      built = shape;
      const made = runs.length > 1 ? compareTable(runs, context.theme) : runTable(run);
      replaceChildren(list, made);
    },
  };
}

function runTable(run: RunView): HTMLElement {
  const rows = accuraciesOf(run);
  const step = Math.max(0, ...rows.map(({ last }) => last?.step ?? 0));
  const columns: Column[] = [
    { head: t("split") },
    { head: t("accuracy"), number: true, class: "with-bar" },
    { head: t("zeroShot"), number: true },
    { head: t("change"), number: true },
    { head: t("correct"), number: true, class: "counts" },
    { head: t("best"), number: true },
  ];
  const cells = rows.map((row) => {
    const shown = row.last ?? row.zeroShot;
    return [
      splitName(row.split),
      accuracyCell(row),
      row.zeroShot ? percent(row.zeroShot.accuracy) : "–",
      changeCell(row.last, row.zeroShot),
      shown?.counts ? countText(shown.counts) : "",
      row.best ? t("bestAt", percent(row.best.accuracy), integer(row.best.step)) : "–",
    ];
  });
  return table(t("accuracyAt", integer(step)), columns, cells, { class: "accuracy" });
}

/** The accuracy with a bar, on which a line marks CLIP without adapters. */
function accuracyCell({ last, zeroShot }: SplitAccuracy): Cell {
  if (!last) return "–";
  const bar = h("span", { class: "bar", "aria-hidden": "true" });
  const fill = h("span", { class: "bar-fill" });
  fill.style.transform = `scaleX(${last.accuracy / 100})`;
  bar.append(fill);
  if (zeroShot) {
    const mark = h("span", { class: "bar-mark" });
    mark.style.left = `${zeroShot.accuracy}%`;
    bar.append(mark);
  }
  return h("span", { class: "bar-cell" }, bar, h("span", { text: percent(last.accuracy) }));
}

/** How much better or worse than before, in percentage points: told by sign and colour. */
function changeCell(now: Measured | null, before: Measured | null): Cell {
  if (!now || !before) return "–";
  return changeText(now.accuracy - before.accuracy);
}

function countText({ correct, total }: { correct: number; total: number }): string {
  return t("correctOf", integer(correct), integer(total));
}

function compareTable(runs: readonly RunView[], theme: Theme): HTMLElement {
  const accuracies = runs.map(accuraciesOf);
  const splits = orderSplits([
    ...new Set(accuracies.flatMap((rows) => rows.map(({ split }) => split))),
  ]);
  const columns: Column[] = [
    { head: t("split") },
    ...runs.map((run) => ({ head: runHead(run, theme), number: true })),
    { head: t("zeroShot"), number: true },
  ];
  const cells = splits.map((split) => {
    const rows = accuracies.map((all) => all.find((row) => row.split === split));
    const best = Math.max(...rows.map((row) => row?.last?.accuracy ?? -Infinity));
    const zeroShot = rows.find((row) => row?.zeroShot)?.zeroShot;
    return [
      splitName(split),
      ...rows.map((row) => compareCell(row, best)),
      zeroShot ? percent(zeroShot.accuracy) : "–",
    ];
  });
  return table(t("accuracyCompare"), columns, cells, { class: "accuracy" });
}

/** The accuracy of a run with its difference to zero-shot, and what was counted. */
function compareCell(row: SplitAccuracy | undefined, best: number): Cell {
  if (!row?.last) return "–";
  const { last, zeroShot } = row;
  return h(
    "span",
    { class: "compare-cell" },
    accuracyText(last, best),
    zeroShot ? changeText(last.accuracy - zeroShot.accuracy) : null,
    last.counts ? h("span", { class: "counts", text: countText(last.counts) }) : null,
  );
}

function accuracyText({ accuracy }: Measured, best: number): HTMLElement {
  const text = percent(accuracy);
  if (accuracy < best) return h("span", { text });
  return h(
    "strong",
    { class: "best", title: t("bestOfRow") },
    h("span", { class: "star", "aria-hidden": "true", text: "★" }),
    text,
    h("span", { class: "hidden-text", text: `, ${t("bestOfRow")}` }),
  );
}
