import type { Context } from "../context";
import { h, replaceChildren, setAttribute, setShown, setText } from "../dom";
import { t } from "../strings";
import { icon } from "../ui/icons";
import { button } from "../ui/toolkit";
import { accuracyTable, curveTable, tableLimit } from "./dataTable";
import {
  linesOf,
  toggleKey,
  togglesOf,
  type ChartDefinition,
  type CurveToggle,
  type Line,
} from "./definitions";
import { createDots } from "./dots";
import { currentView, xRange, yRange } from "./extent";
import { createLegend } from "./legend";
import { createPlot, type Plot, type PlotContent } from "./plot";
import { chartPng } from "./png";
import { chartSummary, placeText } from "./summary";

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

/** Height of all plots in CSS pixels. */
const plotHeight = 196;

/** One chart: its title and buttons, its key, its plot, and the table that can take the plot's place. */
export function createChart(definition: ChartDefinition, charts: ChartsContext): Chart {
  const { page } = charts;
  const title = t(definition.title);
  const { element, place, plotBox, tableBox, tools } = skeleton(definition, title);
  const legend = createLegend((curve) => toggle(page, curve));
  element.insertBefore(legend.element, plotBox);
  const dots = createDots();
  let toggles: CurveToggle[] = [];
  let lines: Line[] = [];
  let plot: Plot | null = null;
  let drawnLogarithmic = false;

  const isTable = (): boolean => page.state.tables.includes(definition.id);
  const fillTable = tableFiller(definition, page, tableBox);
  const tableButton = button(
    { label: t("showTable", title), look: "icon", icon: icon("table") },
    () => {
      const { state } = page;
      state.tables = isTable()
        ? state.tables.filter((id) => id !== definition.id)
        : [...state.tables, definition.id];
      page.save();
      page.redraw();
    },
  );
  const picture = button(
    { label: t("savePng", title), look: "icon", icon: icon("picture") },
    () => {
      if (!plot) return;
      const compare = page.model.runs.length > 1;
      void chartPng(plot.canvas, title, lines, toggles, compare, page.theme).then((png) =>
        page.bridge.post({ type: "exportPng", name: definition.id, png }),
      );
    },
  );
  tools.append(tableButton.element, picture.element);

  plotBox.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (charts.press(event.key, lines, toggles)) event.preventDefault();
  });

  const showTable = (): void => {
    const asTable = isTable();
    setShown(plotBox, !asTable);
    setShown(tableBox, asTable);
    tableButton.setLabel(t(asTable ? "showCurve" : "showTable", title));
    setAttribute(tableButton.element, "data-icon", asTable ? "curve" : "table");
    tableButton.setIcon(icon(asTable ? "curve" : "table"));
    picture.setEnabled(!asTable);
    if (asTable) fillTable(toggles);
  };

  const draw = (content: PlotContent): void => {
    const logarithmic = definition.logarithmic && page.state.logarithmic;
    const size = { width: plotBox.clientWidth, height: plotHeight };
    if (plot && drawnLogarithmic !== logarithmic) {
      plot.destroy();
      plot = null;
    }
    drawnLogarithmic = logarithmic;
    if (plot) return plot.draw(content);
    plot = createPlot(plotBox, size, logarithmic, content, {
      onCursor: (x) => charts.moveCursor(x, definition.id),
      onZoom: (x, y) => charts.zoom(definition.id, x, y),
      onReset: () => charts.resetZoom(),
    });
  };

  const chart: Chart = {
    element,
    update() {
      const { model, theme, state } = page;
      toggles = togglesOf(definition, model, state.toggled);
      setShown(element, toggles.length > 0);
      if (toggles.length === 0) return false;
      lines = linesOf(definition, model, toggles);
      showTable();
      const compare = model.runs.length > 1;
      const { axis } = currentView(model);
      setAttribute(plotBox, "aria-label", chartSummary(title, lines, toggles, axis, compare));
      if (!isTable() && plotBox.clientWidth > 0) {
        const x = xRange(model);
        const logarithmic = definition.logarithmic && state.logarithmic;
        const y = state.yRanges[definition.id] ?? yRange(lines, x, logarithmic);
        const active = model.runs.find(({ id }) => id === state.active) ?? model.runs[0];
        const { checkpoints = [], resumes = [] } = active ?? {};
        draw({ lines, axis, x, y, checkpoints, resumes, theme });
      }
      chart.updateCursor();
      return true;
    },
    updateCursor() {
      const { model, theme } = page;
      const { cursor } = charts;
      const compare = model.runs.length > 1;
      legend.update({ title, toggles, lines, compare, theme, cursor });
      setText(place, cursor === null ? "" : placeText(currentView(model).axis, cursor));
      if (!plot || isTable()) return;
      if (charts.pointer !== definition.id) plot.setCursor(cursor);
      dots.update(plot, lines, theme, cursor);
    },
    resize() {
      if (plot && plotBox.clientWidth > 0) plot.resize(plotBox.clientWidth, plotHeight);
    },
  };
  return chart;
}

function skeleton({ id }: ChartDefinition, title: string) {
  const place = h("span", { class: "chart-place" });
  const tools = h("div", { class: "chart-tools" });
  const plotBox = h("div", {
    class: "plot",
    role: "img",
    tabindex: 0,
    "aria-describedby": "plot-help",
  });
  const tableBox = h("div", { class: "chart-table", hidden: true });
  const element = h(
    "section",
    { class: "chart", "data-chart": id, "aria-labelledby": `chart-${id}` },
    h("div", { class: "chart-head" }, h("h2", { id: `chart-${id}`, text: title }), place, tools),
    plotBox,
    tableBox,
  );
  return { element, place, plotBox, tableBox, tools };
}

function toggle({ state, model, save, redraw }: Context, curve: string): void {
  const key = toggleKey(curve, model.runs.length > 1);
  state.toggled = state.toggled.includes(key)
    ? state.toggled.filter((other) => other !== key)
    : [...state.toggled, key];
  save();
  redraw();
}

/** Fills the table of a chart, not more often than it would be read: every two seconds, or when what is asked changed. */
function tableFiller(
  definition: ChartDefinition,
  context: Context,
  box: HTMLElement,
): (toggles: readonly CurveToggle[]) => void {
  let asked = "";
  let last = -Infinity;
  return (toggles) => {
    const { model, bridge } = context;
    const { axis, range } = model.wanted;
    const question = JSON.stringify([axis, range, toggles, model.runs.map(({ id }) => id)]);
    if (question === asked && performance.now() - last < 2000) return;
    asked = question;
    last = performance.now();
    if (!definition.curves)
      return replaceChildren(box, accuracyTable(definition, model.runs, toggles));
    const runs = model.runs.map(({ id }) => id);
    void bridge.ask({ type: "rows", runs, axis, range, limit: tableLimit }).then(
      ({ rows }) => keepScroll(box, curveTable(t(definition.title), rows, model.runs, toggles)),
      (error: Error) => replaceChildren(box, h("p", { class: "muted", text: error.message })),
    );
  };
}

/** Puts a new table where the old one was, scrolled to the same place and focused if that was. */
function keepScroll(box: HTMLElement, made: HTMLElement): void {
  const old = box.firstElementChild;
  const [top, focused] = [old?.scrollTop ?? 0, document.activeElement === old && old !== null];
  replaceChildren(box, made);
  made.scrollTop = top;
  if (focused) made.focus();
}
