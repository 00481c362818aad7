import uPlot from "uplot";
import type { Axis, Mark } from "../../src/protocol/page";
import { clock, integer, logTick, tick } from "../format";
import type { Theme } from "../theme";
import type { Line } from "./definitions";
import { drawLines, drawMarks } from "./draw";

/** What a plot shows. */
export interface PlotContent {
  lines: readonly Line[];
  axis: Axis;
  x: [from: number, to: number];
  y: [from: number, to: number];
  checkpoints: readonly Mark[];
  resumes: readonly Mark[];
  theme: Theme;
}

/** What a plot tells of. */
export interface PlotEvents {
  /** The pointer is over a place of the axis; null when it left. */
  onCursor(x: number | null): void;
  /** A box was drawn; y null where it was drawn along the axis alone. */
  onZoom(x: [number, number], y: [number, number] | null): void;
  onReset(): void;
}

export interface Plot {
  draw(content: PlotContent): void;
  resize(width: number, height: number): void;
  /** Moves the line of the cursor; nothing is told of it. */
  setCursor(x: number | null): void;
  /** Where a point lies, in CSS pixels of the plotting area; null where it is outside. */
  place(x: number, y: number): { left: number; top: number } | null;
  /** What is drawn over the plot moves with it. */
  overlay: HTMLElement;
  canvas: HTMLCanvasElement;
  destroy(): void;
}

/** Width of the numbers left of every plot: the same for all, so that the plots below each other are in line. */
const gutter = 54;

/** From which number of pixels a movement of the pointer draws a box along a direction. */
const boxFrom = 24;

/**
 * A plot in `container`. uPlot gives scales, axes, cursor and selection; the lines are drawn from our own typed arrays,
 * because every line has its own places on the axis and a NaN is a gap.
 */
export function createPlot(
  container: HTMLElement,
  size: { width: number; height: number },
  logarithmic: boolean,
  first: PlotContent,
  events: PlotEvents,
): Plot {
  let content = first;
  let silent = false;
  let hidden = true;
  const data = (): uPlot.AlignedData => [content.x, content.y];
  const u = new uPlot(
    {
      ...size,
      // Half of the last label of a long run stands beyond the axis: "100,000".
      padding: [6, 24, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: true, uni: boxFrom, setScale: false },
        bind: {
          dblclick: () => () => {
            events.onReset();
            return null;
          },
        },
      },
      scales: {
        x: { time: false, range: () => content.x },
        y: { distr: logarithmic ? 3 : 1, range: () => content.y },
      },
      series: [{}, { show: true, points: { show: false }, paths: () => null }],
      axes: axes(() => content, logarithmic),
      hooks: {
        draw: [
          (plot) => {
            drawMarks(plot, content);
            drawLines(plot, content, logarithmic);
          },
        ],
        setCursor: [
          ({ cursor: { left = -1 } }) => {
            if (silent) return;
            hidden = left < 0;
            events.onCursor(hidden ? null : u.posToVal(left, "x"));
          },
        ],
        setSelect: [(plot) => select(plot, events)],
      },
    },
    data(),
    container,
  );

  return {
    draw(next) {
      content = next;
      u.setData(data());
    },
    resize: (width, height) => u.setSize({ width, height }),
    setCursor(x) {
      // Looking where the line would be lays the page out, ten times a second while a run is live.
      if (x === null && hidden) return;
      hidden = x === null;
      const left = x === null ? -10 : u.valToPos(x, "x");
      const inside = left >= 0 && left <= u.over.clientWidth;
      silent = true;
      u.setCursor(inside ? { left, top: 0 } : { left: -10, top: -10 }, false);
      silent = false;
    },
    place(x, y) {
      const [left, top] = [u.valToPos(x, "x"), u.valToPos(y, "y")];
      const { clientWidth, clientHeight } = u.over;
      const inside = left >= -1 && top >= -1 && left <= clientWidth + 1 && top <= clientHeight + 1;
      return inside ? { left, top } : null;
    },
    overlay: u.over,
    canvas: u.ctx.canvas,
    destroy: () => u.destroy(),
  };
}

function select(u: uPlot, events: PlotEvents): void {
  const { left, top, width, height } = u.select;
  if (width <= 0 && height <= 0) return;
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  const whole = { x: width >= u.over.clientWidth, y: height >= u.over.clientHeight };
  const x: [number, number] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  const y: [number, number] = [u.posToVal(top + height, "y"), u.posToVal(top, "y")];
  if (width > 2 || height > 2) events.onZoom(x, whole.y ? null : y);
}

/** Steps of the time axis that people count in. */
const times = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

function axes(content: () => PlotContent, logarithmic: boolean): uPlot.Axis[] {
  const look = {
    stroke: () => content().theme.muted,
    font: () => content().theme.font,
    grid: { stroke: () => content().theme.grid, width: 1 },
    ticks: { show: false },
  };
  const font = look.font();
  const label = (value: number | null, increment: number): string =>
    value === null ? "" : logarithmic ? logTick(value) : tick(value, increment);
  return [
    {
      stroke: look.stroke,
      font,
      grid: { show: false },
      ticks: { show: false },
      gap: 6,
      size: 26,
      space: 64,
      incrs: () => (content().axis === "time" ? times : wholeSteps),
      values: (_, splits) =>
        splits.map((value) => (content().axis === "time" ? clock(value) : integer(value))),
    },
    {
      stroke: look.stroke,
      font,
      grid: look.grid,
      ticks: look.ticks,
      gap: 6,
      size: gutter,
      space: 36,
      values: (_, splits, __, ___, increment) =>
        splits.map((value) => label(value as number | null, increment)),
    },
  ];
}

/** Steps are counted: an axis never stops between two of them. */
const wholeSteps = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((n) => n * 10 ** power),
).flat();
