import { h } from "../dom";
import { nearest } from "../model";
import type { Theme } from "../theme";
import type { Line } from "./definitions";
import type { Plot } from "./plot";

/** Dots on the lines where the cursor is. */
export interface Dots {
  update(plot: Plot, lines: readonly Line[], theme: Theme, x: number | null): void;
}

/** Keeps as many dots over a plot as it has lines. */
export function createDots(): Dots {
  const made: HTMLElement[] = [];
  return {
    update(plot, lines, theme, x) {
      while (made.length < lines.length) made.push(h("div", { class: "dot", hidden: true }));
      made.forEach((dot, i) => {
        if (dot.parentElement !== plot.overlay) plot.overlay.append(dot);
        const line = lines[i];
        const points = line && (line.smooth ?? line.raw);
        const index = points && x !== null ? nearest(points, x) : -1;
        const place = points && index >= 0 ? plot.place(points.x[index]!, points.y[index]!) : null;
        dot.hidden = place === null;
        if (!place || !line) return;
        dot.style.transform = `translate(${place.left}px, ${place.top}px)`;
        dot.style.backgroundColor = theme.palette[line.colour % theme.palette.length]!;
      });
    },
  };
}
