import type { Context, Part } from "../context";
import { h, setShown } from "../dom";
import { empty } from "../empty";
import { isOver } from "../header";
import type { Model } from "../model";
import { t } from "../strings";
import { createChart, type ChartsContext } from "./chart";
import { chartDefinitions, type CurveToggle, type Line } from "./definitions";
import { currentView, xRange } from "./extent";
import { keyAction } from "./keyboard";
import { readAt } from "./summary";
import { createToolbar } from "./toolbar";

/** All charts with their toolbar. They share the horizontal axis, the zoom along it and the cursor. */
export function createCurves(context: Context): Part {
  const charts: ChartsContext = {
    page: context,
    cursor: null,
    pointer: null,
    moveCursor,
    zoom,
    resetZoom: () => zoom("", null, null),
    press,
  };
  const made = chartDefinitions.map((definition) => createChart(definition, charts));
  const grid = h("div", { class: "charts" }, ...made.map(({ element }) => element));
  const toolbar = createToolbar(context, () => charts.resetZoom());
  const waiting = empty(t("waiting"), t("waitingText"));
  const nothing = empty(t("noSteps"), "");
  const help = h("p", { id: "plot-help", class: "hidden-text", text: t("plotHelp") });
  const element = h("div", { class: "curves" }, toolbar.element, help, waiting, nothing, grid);
  let frame: number | null = null;

  function moveCursor(x: number | null, pointer: string | null): void {
    charts.cursor = x;
    charts.pointer = pointer;
    frame ??= requestAnimationFrame(() => {
      frame = null;
      for (const chart of made) chart.updateCursor();
    });
  }

  function zoom(chart: string, x: [number, number] | null, y: [number, number] | null): void {
    const { state } = context;
    const range = x && clip(x, context.model);
    state.yRanges = y ? { ...state.yRanges, [chart]: y } : range ? state.yRanges : {};
    state.view = { ...state.view, range };
    context.changeView({ range });
  }

  function press(key: string, lines: readonly Line[], toggles: readonly CurveToggle[]): boolean {
    const { model } = context;
    const action = keyAction(key, lines, charts.cursor, xRange(model));
    if (action?.type === "zoom") zoom("", action.range, null);
    if (action?.type === "cursor") {
      moveCursor(action.x, null);
      const { axis } = currentView(model);
      if (action.x !== null)
        context.announce(readAt(lines, toggles, axis, model.runs.length > 1, action.x));
    }
    return action !== null;
  }

  // The page asks for points by the width of its plots, which the panel's width decides.
  new ResizeObserver(() => {
    for (const chart of made) chart.resize();
    const width = plotWidth(grid);
    if (width > 0 && Math.abs(width - context.model.wanted.width) > 24)
      context.changeView({ width });
    else context.redraw();
  }).observe(grid);

  return {
    element,
    update() {
      toolbar.update();
      const shown = made.map((chart) => chart.update());
      const any = shown.includes(true);
      const over = context.model.runs.every(isOver);
      setShown(waiting, !any && !over);
      setShown(nothing, !any && over);
      setShown(toolbar.element, any);
    },
  };
}

/** Width of the plots in CSS pixels, all of which are equally wide; 0 where none is shown. */
export function plotWidth(within: HTMLElement): number {
  for (const plot of within.querySelectorAll<HTMLElement>(".plot"))
    if (plot.clientWidth > 0) return plot.clientWidth;
  return 0;
}

/** A zoomed range within what was recorded; null where it is all of that. */
function clip([from, to]: [number, number], model: Model): [number, number] | null {
  const { axis } = currentView(model);
  const end = Math.max(
    ...model.runs.map(({ progress }) => progress[axis === "step" ? "step" : "seconds"]),
  );
  const least = axis === "step" ? 2 : 0.2;
  const middle = (from + to) / 2;
  const half = Math.max(to - from, least) / 2;
  const range: [number, number] = [Math.max(0, middle - half), Math.min(end, middle + half)];
  return range[0] <= 1 && range[1] >= end ? null : range;
}
