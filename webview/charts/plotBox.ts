import { h } from "../dom";
import type { Theme } from "../theme";
import type { Line } from "./definitions";
import { createDots } from "./dots";
import { createPlot, type Plot, type PlotContent, type PlotEvents } from "./plot";

/** Height of all plots in CSS pixels. */
const height = 196;

/** The place of a plot on the page: a picture to a screen reader, that can be focused and read by keys. */
export interface PlotBox {
  element: HTMLElement;
  /** False while the box has no size, because it is hidden. */
  isVisible(): boolean;
  draw(content: PlotContent, logarithmic: boolean): void;
  /** Puts the dots, and unless the pointer is here the line of the cursor, at a place of the axis. */
  showCursor(x: number | null, lines: readonly Line[], theme: Theme, isPointerHere: boolean): void;
  resize(): void;
  canvas(): HTMLCanvasElement | null;
}

/** A box whose plot is made when it is first drawn, and anew when its scale becomes another. */
export function createPlotBox(events: PlotEvents): PlotBox {
  const element = h("div", {
    class: "plot",
    role: "img",
    tabindex: 0,
    "aria-describedby": "plot-help",
  });
  const dots = createDots();
  let plot: Plot | null = null;
  let isLogarithmic = false;
  // Asking an element for its size lays the page out, so it is asked only when it may have changed.
  let width = 0;
  const resize = (): void => {
    width = element.clientWidth;
    if (width > 0) plot?.resize(width, height);
  };
  return {
    element,
    resize,
    isVisible() {
      if (width === 0) resize();
      return width > 0;
    },
    draw(content, logarithmic) {
      if (plot && isLogarithmic === logarithmic) return plot.draw(content);
      plot?.destroy();
      isLogarithmic = logarithmic;
      plot = createPlot(element, { width, height }, logarithmic, content, events);
    },
    showCursor(x, lines, theme, isPointerHere) {
      if (!plot) return;
      if (!isPointerHere) plot.setCursor(x);
      dots.update(plot, lines, theme, x);
    },
    canvas: () => plot?.canvas ?? null,
  };
}
