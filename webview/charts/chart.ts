import type { RunView } from "../../src/protocol/page";
import type { Context } from "../context";
import { h, setAttribute, setShown, setText } from "../dom";
import { t } from "../strings";
import { icon } from "../ui/icons";
import { button } from "../ui/toolkit";
import {
  linesOf,
  toggleKey,
  togglesOf,
  type ChartDefinition,
  type CurveToggle,
  type Line,
} from "./definitions";
import { currentView, xRange, yRange } from "./extent";
import { createLegend } from "./legend";
import type { PlotContent } from "./plot";
import { createPlotBox } from "./plotBox";
import { chartPng } from "./png";
import { chartSummary, markAt, placeText } from "./summary";
import { createTableBox } from "./tableBox";

/** What the charts of the page share. */
export interface ChartsContext {
  page: Context;
  /** Where the cursor is in all charts. */
  cursor: number | null;
  /** The chart whose pointer moves the cursor, which has its line already; null where a key does. */
  pointer: string | null;
  moveCursor(x: number | null, pointer: string | null): void;
  zoom(chart: string, x: [number, number] | null, y: [number, number] | null): void;
  resetZoom(): void;
  /** A key was pressed in a chart; true if it meant something. */
  press(key: string, lines: readonly Line[], toggles: readonly CurveToggle[]): boolean;
}

export interface Chart {
  element: HTMLElement;
  /** Draws anew; false where the chart has nothing to show and hides. */
  update(): boolean;
  /** Shows the values at the cursor. */
  updateCursor(): void;
  resize(): void;
}

/** One chart: its title and buttons, its key, its plot, and the table that can take the plot's place. */
export function createChart(definition: ChartDefinition, charts: ChartsContext): Chart {
  const { page } = charts;
  const { id } = definition;
  const title = t(definition.title);
  const plot = createPlotBox({
    onCursor: (x) => charts.moveCursor(x, id),
    onZoom: (x, y) => charts.zoom(id, x, y),
    onReset: () => charts.resetZoom(),
  });
  const table = createTableBox(definition, page);
  const legend = createLegend((curve) => toggleCurve(page, curve));
  const place = h("span", { class: "chart-place" });
  const tools = createTools(title, {
    onTable: () => toggleTable(page, id),
    onPicture: () => savePicture(),
  });
  const head = h(
    "div",
    { class: "chart-head" },
    h("h2", { id: `chart-${id}`, text: title }),
    place,
    tools.element,
  );
  const element = h(
    "section",
    { class: "chart", "data-chart": id, "aria-labelledby": `chart-${id}` },
    head,
    legend.element,
    plot.element,
    table.element,
  );
  let toggles: CurveToggle[] = [];
  let lines: Line[] = [];
  let isTable: boolean | null = null;

  plot.element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (charts.press(event.key, lines, toggles)) event.preventDefault();
  });

  function savePicture(): void {
    const canvas = plot.canvas();
    if (!canvas) return;
    const compare = page.model.runs.length > 1;
    void chartPng(canvas, title, lines, toggles, compare, page.theme).then((png) =>
      page.bridge.post({ type: "exportPng", name: id, png }),
    );
  }

  function showAs(asTable: boolean): void {
    if (asTable) table.fill(toggles);
    if (asTable === isTable) return;
    isTable = asTable;
    setShown(plot.element, !asTable);
    setShown(table.element, asTable);
    tools.update(asTable);
  }

  function updateCursor(): void {
    const { model, theme } = page;
    const { cursor, pointer } = charts;
    legend.update({ title, toggles, lines, compare: model.runs.length > 1, theme, cursor });
    setText(place, cursor === null ? "" : cursorText(page, cursor));
    if (!isTable) plot.showCursor(cursor, lines, theme, pointer === id);
  }

  return {
    element,
    updateCursor,
    resize: () => plot.resize(),
    update() {
      const { model, state } = page;
      toggles = togglesOf(definition, model, state.toggled);
      setShown(element, toggles.length > 0);
      if (toggles.length === 0) return false;
      lines = linesOf(definition, model, toggles);
      showAs(state.tables.includes(id));
      const { axis } = currentView(model);
      const said = chartSummary(title, lines, toggles, axis, model.runs.length > 1);
      setAttribute(plot.element, "aria-label", said);
      const logarithmic = definition.logarithmic && state.logarithmic;
      if (!isTable && plot.isVisible())
        plot.draw(contentOf(definition, lines, page, logarithmic), logarithmic);
      updateCursor();
      return true;
    },
  };
}

/** The buttons of a chart: its numbers as a table, its plot as a picture. */
function createTools(
  title: string,
  { onTable, onPicture }: Record<"onTable" | "onPicture", () => void>,
) {
  const table = button(
    { label: t("showTable", title), look: "icon", icon: icon("table") },
    onTable,
  );
  const picture = button(
    { label: t("savePng", title), look: "icon", icon: icon("picture") },
    onPicture,
  );
  return {
    element: h("div", { class: "chart-tools" }, table.element, picture.element),
    update(asTable: boolean): void {
      table.setLabel(t(asTable ? "showCurve" : "showTable", title));
      table.setIcon(icon(asTable ? "curve" : "table"));
      picture.setEnabled(!asTable);
    },
  };
}

function contentOf(
  { id, limits }: ChartDefinition,
  lines: readonly Line[],
  { model, state, theme }: Context,
  logarithmic: boolean,
): PlotContent {
  const x = xRange(model);
  const y = state.yRanges[id] ?? yRange(lines, x, logarithmic, limits);
  const { checkpoints = [], resumes = [] } = markedRun({ model, state }) ?? {};
  return { lines, axis: currentView(model).axis, x, y, checkpoints, resumes, theme };
}

/** The marks of several runs would hide each other: those of the run in the header are shown. */
function markedRun({ model, state }: Pick<Context, "model" | "state">): RunView | undefined {
  return model.runs.find((run) => run.id === state.active) ?? model.runs[0];
}

/** Where the cursor is, and whether something is marked there. */
function cursorText(page: Context, cursor: number): string {
  const { axis } = currentView(page.model);
  const run = markedRun(page);
  const mark = run && markAt(run, axis, cursor, xRange(page.model));
  return [placeText(axis, cursor), ...(mark ? [mark] : [])].join(" · ");
}

function toggleTable({ state, save, redraw }: Context, id: string): void {
  state.tables = switched(state.tables, id);
  save();
  redraw();
}

function toggleCurve({ state, model, save, redraw }: Context, curve: string): void {
  state.toggled = switched(state.toggled, toggleKey(curve, model.runs.length > 1));
  save();
  redraw();
}

/** Takes an item out of a list, or puts it in. */
function switched(list: readonly string[], item: string): string[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}
