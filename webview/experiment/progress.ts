import { percentDone } from "../../src/protocol/pace";
import type { CellProgress, ExperimentView } from "../../src/protocol/tablePage";
import { h, replaceChildren, setAttribute, setText } from "../dom";
import { integer, share } from "../format";
import { t } from "../strings";
import { table, type Cell, type Column } from "../ui/table";
import type { TableContext, TablePart } from "./page";

/** How each method stands on each data set, as bars that open the runs behind them. */
export function createProgress(context: TableContext): TablePart {
  const place = h("div", {});
  const element = h("details", { class: "block progress-block" });
  element.append(h("summary", { text: t("progressTable") }), place);
  let cells = new Map<string, CellButton>();
  let built = "";
  let opened = false;
  return {
    element,
    update({ experiment }) {
      element.hidden = experiment === null || experiment.cells.length === 0;
      if (!experiment) return;
      if (!opened) element.open = experiment.state !== "finished";
      opened = true;
      const { datasets, methods } = experiment;
      const shape = JSON.stringify([datasets, methods]);
      if (shape !== built) {
        built = shape;
        cells = new Map(experiment.cells.map((cell) => [keyOf(cell), createCell(context)]));
        replaceChildren(place, matrix(experiment, cells));
      }
      for (const cell of experiment.cells) {
        const title = datasets.find(({ name }) => name === cell.dataset)?.title ?? cell.dataset;
        cells.get(keyOf(cell))?.update(cell, title);
      }
    },
  };
}

function keyOf({ dataset, method }: Pick<CellProgress, "dataset" | "method">): string {
  return JSON.stringify([dataset, method]);
}

function matrix(
  { datasets, methods }: ExperimentView,
  cells: Map<string, CellButton>,
): HTMLElement {
  const columns: Column[] = [
    { head: t("dataSet") },
    ...methods.map((method) => ({ head: method, class: "cell-progress" })),
  ];
  const rows = datasets.map(({ name: dataset, title }): Cell[] => [
    title,
    ...methods.map((method) => cells.get(keyOf({ dataset, method }))?.element ?? "–"),
  ]);
  return table(t("progressCaption"), columns, rows, {
    class: "progress-table",
    hideCaption: true,
    namesStay: true,
  });
}

interface CellButton {
  element: HTMLElement;
  update(cell: CellProgress, title: string): void;
}

/** A bar with the finished runs beside it. */
function createCell({ post }: TableContext): CellButton {
  const fill = h("span", { class: "bar-fill" });
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, fill);
  const count = h("span", { class: "cell-count" });
  const said = h("span", { class: "hidden-text" });
  const element = h("button", { type: "button", class: "cell-button" }, bar, count, said);
  let now: CellProgress | null = null;
  element.addEventListener("click", () => {
    if (now) post({ type: "openRuns", dataset: now.dataset, method: now.method });
  });
  return {
    element,
    update(cell, title) {
      now = cell;
      const { finished, runs, method } = cell;
      fill.style.transform = `scaleX(${cell.share})`;
      setText(count, `${integer(finished)}/${integer(runs)}`);
      const shown = t("showRuns", method, title, share(percentDone(cell.share) / 100));
      setText(said, ` ${shown}`);
      setAttribute(element, "title", shown);
      setAttribute(element, "data-state", stateOf(cell));
    },
  };
}

function stateOf({ finished, runs, failed, running }: CellProgress): string {
  if (finished === runs) return "finished";
  if (failed > 0) return "failed";
  return running > 0 ? "running" : "waiting";
}
