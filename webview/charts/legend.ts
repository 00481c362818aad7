import type { RunView } from "../../src/protocol/page";
import { h, replaceChildren, setAttribute, setText } from "../dom";
import { t } from "../strings";
import { dash, type Theme } from "../theme";
import type { CurveToggle, Line } from "./definitions";
import { valueAt, valueText } from "./summary";

/** What a legend tells. */
export interface LegendContent {
  /** The title of the chart. */
  title: string;
  toggles: readonly CurveToggle[];
  lines: readonly Line[];
  compare: boolean;
  theme: Theme;
  /** Where the cursor is; null for the newest values. */
  cursor: number | null;
}

export interface Legend {
  element: HTMLElement;
  update(content: LegendContent): void;
}

/** The key of a chart: its curves as buttons that show and hide them, with the values at the cursor. */
export function createLegend(onToggle: (curve: string) => void): Legend {
  const curves = h("div", { class: "legend-curves" });
  const runs = h("div", { class: "legend-runs" });
  const element = h("div", { class: "legend" }, curves, runs);
  let built = "";
  return {
    element,
    update(content) {
      const { toggles, lines, compare, theme } = content;
      const shape = JSON.stringify([
        toggles,
        lines.map(({ run }) => [run.id, run.name, run.colour]),
      ]);
      if (shape + JSON.stringify(theme) !== built) {
        built = shape + JSON.stringify(theme);
        // One curve needs no button to hide it when the runs are listed below.
        const buttons = compare && toggles.length < 2 ? [] : toggles;
        replaceChildren(curves, ...buttons.map((toggle) => curveButton(toggle, content, onToggle)));
        replaceChildren(runs, ...(compare ? runRows(content) : []));
      }
      if (compare) updateRuns(runs, content);
      else updateCurves(curves, content);
    },
  };
}

function curveButton(
  toggle: CurveToggle,
  { title, toggles, compare, theme }: LegendContent,
  onToggle: (curve: string) => void,
): HTMLElement {
  const { curve, name, long, shown } = toggle;
  const alone = toggles.length === 1 && name === title;
  const stroke = toggle.colour === null ? theme.foreground : paint(theme, toggle.colour);
  const dashes = compare || theme.highContrast ? dash(toggle.dash) : [];
  const made = h(
    "button",
    {
      class: "key",
      type: "button",
      "aria-pressed": String(shown),
      title: t("toggleCurve", long ?? name),
      "data-curve": curve,
    },
    swatch(stroke, dashes),
    // What the title says already is not said again, but to a screen reader.
    h("span", { class: alone ? "hidden-text" : "key-name", text: name }),
    h("span", { class: "key-value" }),
  );
  made.addEventListener("click", () => onToggle(curve));
  return made;
}

function updateCurves(curves: HTMLElement, { lines, cursor }: LegendContent): void {
  for (const button of curves.children) {
    const line = lines.find(({ curve }) => curve === (button as HTMLElement).dataset.curve);
    const value = line ? valueAt(line, cursor) : null;
    setText(
      button.querySelector(".key-value")!,
      line && value !== null ? valueText(line, value) : "",
    );
  }
}

function runRows({ lines, theme }: LegendContent): HTMLElement[] {
  const runs = [...new Map(lines.map(({ run }) => [run.id, run])).values()];
  return runs.map((run) =>
    h(
      "div",
      { class: "legend-run", "data-run": run.id },
      swatch(paint(theme, run.colour), theme.highContrast ? dash(run.colour) : []),
      h("span", { class: "key-name", text: run.name, title: run.name }),
      h("span", { class: "key-value" }),
    ),
  );
}

function updateRuns(runs: HTMLElement, { lines, cursor }: LegendContent): void {
  for (const row of runs.children) {
    const own = lines.filter(({ run }) => run.id === (row as HTMLElement).dataset.run);
    const values = own.map((line) => {
      const value = valueAt(line, cursor);
      return value === null ? "–" : valueText(line, value);
    });
    setText(row.querySelector(".key-value")!, values.join("  "));
  }
}

/** The name of a run with the line that it is drawn by. */
export function runHead(
  { name, colour }: Pick<RunView, "name" | "colour">,
  theme: Theme,
): HTMLElement {
  const dashes = theme.highContrast ? dash(colour) : [];
  return h("span", { class: "run-head" }, swatch(paint(theme, colour), dashes), name);
}

function paint(theme: Theme, colour: number): string {
  return theme.palette[colour % theme.palette.length]!;
}

/** A short piece of a line as it is drawn. */
export function swatch(stroke: string, dashes: readonly number[]): SVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const line = document.createElementNS(namespace, "line");
  const attributes: [Element, Record<string, string>][] = [
    [svg, { class: "swatch", width: "18", height: "8", "aria-hidden": "true" }],
    [
      line,
      {
        x1: "0",
        x2: "18",
        y1: "4",
        y2: "4",
        stroke,
        "stroke-width": "2",
        "stroke-dasharray": dashes.join(" "),
      },
    ],
  ];
  for (const [element, values] of attributes)
    for (const [name, value] of Object.entries(values)) setAttribute(element, name, value);
  svg.append(line);
  return svg;
}
