import type { Context } from "../context";
import { h, replaceChildren } from "../dom";
import { t } from "../strings";
import { accuracyTable, curveTable, tableLimit } from "./dataTable";
import type { ChartDefinition, CurveToggle } from "./definitions";

/** The place of the table behind a chart. */
export interface TableBox {
  element: HTMLElement;
  /** Fills the table where what it shows may be another: rows of live runs every two seconds, which can still be read. */
  fill(toggles: readonly CurveToggle[]): void;
}

/** A table of the numbers behind a chart: exact rows, which the host picks from all that was recorded. */
export function createTableBox(definition: ChartDefinition, context: Context): TableBox {
  const element = h("div", { class: "chart-table", hidden: true });
  let asked = "";
  let last = -Infinity;
  return {
    element,
    fill(toggles) {
      const { model, bridge } = context;
      const { axis, range } = model.wanted;
      const runs = model.runs.map(({ id }) => id);
      const question = JSON.stringify([axis, range, toggles, runs]);
      if (question === asked && performance.now() - last < 2000) return;
      asked = question;
      last = performance.now();
      if (!definition.curves)
        return replaceChildren(element, accuracyTable(definition, model.runs, toggles));
      void bridge.ask({ type: "rows", runs, axis, range, limit: tableLimit }).then(
        ({ rows }) => putTable(element, curveTable(t(definition.title), rows, model.runs, toggles)),
        (error: Error) => replaceChildren(element, h("p", { class: "muted", text: error.message })),
      );
    },
  };
}

/** Puts a new table where the old one was, scrolled to the same place and focused if that was. */
function putTable(box: HTMLElement, made: HTMLElement): void {
  const old = box.firstElementChild;
  const [top, focused] = [old?.scrollTop ?? 0, document.activeElement === old && old !== null];
  replaceChildren(box, made);
  made.scrollTop = top;
  if (focused) made.focus();
}
