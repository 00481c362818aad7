import type { Axis } from "../../src/protocol/page";
import type { Context, Part } from "../context";
import { h, setShown, setText } from "../dom";
import { decimal } from "../format";
import { t } from "../strings";
import { createMarksKey } from "./marksKey";
import { button, checkbox, select } from "../ui/toolkit";

/** The controls above the charts: axis, scale, smoothing, zoom, and the numbers as a file. */
export function createToolbar(context: Context, resetZoom: () => void): Part {
  const { state, bridge } = context;
  const axes: { value: Axis; text: string }[] = [
    { value: "step", text: t("axisStep") },
    { value: "time", text: t("axisTime") },
  ];
  const axis = select(t("axis"), axes, state.view.axis, (value) => {
    // A range of steps means nothing on the time axis.
    state.view = { ...state.view, axis: value as Axis, range: null };
    context.changeView({ axis: value as Axis, range: null });
  });
  const logarithmic = checkbox(t("logarithmic"), state.logarithmic, (checked) => {
    state.logarithmic = checked;
    state.yRanges = {};
    context.save();
    context.redraw();
  });
  const reset = button({ label: t("resetZoom"), look: "quiet" }, resetZoom);
  const csv = button({ label: t("saveCsv"), look: "quiet" }, () =>
    bridge.post({
      type: "exportCsv",
      runs: context.model.runs.map(({ id }) => id),
      what: "curves",
    }),
  );
  const marks = createMarksKey(context);
  const element = h(
    "div",
    { class: "toolbar", role: "group", "aria-label": t("tabCurves") },
    axis.element,
    smoothing(context),
    logarithmic.element,
    marks.element,
    h("span", { class: "spacer" }),
    reset.element,
    csv.element,
  );
  return {
    element,
    update() {
      const zoomed = state.view.range !== null || Object.keys(state.yRanges).length > 0;
      setShown(reset.element, zoomed);
      marks.update();
    },
  };
}

/** The slider runs over the weight of the past; near 1 it is finer, because 0.99 and 0.999 are far apart. */
function smoothing(context: Context): HTMLElement {
  const { state } = context;
  const value = h("span", { class: "smoothing-value" });
  const input = h("input", {
    type: "range",
    min: 0,
    max: 100,
    step: 1,
    id: "smoothing",
    value: Math.round((-100 / 3) * Math.log10(1 - state.view.smoothing)),
  });
  const show = (weight: number): void => {
    const text = decimal(weight);
    setText(value, text);
    input.setAttribute("aria-valuetext", text);
  };
  show(state.view.smoothing);
  input.addEventListener("input", () => {
    const weight = weightAt(Number(input.value));
    show(weight);
    state.view = { ...state.view, smoothing: weight };
    context.changeView({ smoothing: weight });
  });
  return h(
    "div",
    { class: "smoothing" },
    h("label", { for: "smoothing", text: t("smoothing") }),
    input,
    value,
  );
}

/** The weight of the present falls from 1 to 0.001 by equal factors. */
function weightAt(position: number): number {
  return Math.round(1000 * (1 - 10 ** ((-3 * position) / 100))) / 1000;
}
