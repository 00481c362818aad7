import type uPlot from "uplot";
import type { Points } from "../../src/protocol/page";
import { dash } from "../theme";
import type { PlotContent } from "./plot";

/** From a value to a place on the canvas, in its own pixels. */
interface Scales {
  x(value: number): number;
  y(value: number): number;
}

/** Draws all lines within the plotting area: first what was measured, faint where there is an average, then averages. */
export function drawLines(u: uPlot, content: PlotContent, logarithmic: boolean): void {
  const { ctx, bbox } = u;
  const { theme } = content;
  const scales = scalesOf(u, content, logarithmic);
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  // A line at the edge, such as a cosine of 1, is drawn in its full width.
  ctx.rect(bbox.left, bbox.top - ratio, bbox.width, bbox.height + 2 * ratio);
  ctx.clip();
  ctx.lineJoin = "round";
  const faint = theme.highContrast ? 0.3 : 0.2;
  const several = new Set(content.lines.map(({ run }) => run.id)).size > 1;
  for (const { raw, smooth, colour, level } of content.lines) {
    ctx.strokeStyle = ctx.fillStyle = theme.palette[colour % theme.palette.length]!;
    ctx.lineWidth = ratio;
    if (level !== null) strokeLevel(ctx, bbox, scales.y(level), ratio);
    // Under the averages of several runs the single steps would be a thicket.
    if (!smooth || several) continue;
    ctx.globalAlpha = faint;
    ctx.setLineDash([]);
    stroke(ctx, raw, scales);
    ctx.globalAlpha = 1;
  }
  for (const line of content.lines) {
    const points = line.smooth ?? line.raw;
    ctx.strokeStyle = ctx.fillStyle = theme.palette[line.colour % theme.palette.length]!;
    ctx.lineWidth = (line.smooth ? 1.75 : 1.25) * ratio;
    ctx.setLineDash(dashOf(line, several, theme.highContrast).map((part) => part * ratio));
    stroke(ctx, points, scales);
    ctx.setLineDash([]);
  }
  ctx.restore();
  for (const line of content.lines.filter(({ marked }) => marked)) {
    ctx.fillStyle = theme.palette[line.colour % theme.palette.length]!;
    dots(ctx, bbox, line.raw, scales, 2.5 * ratio);
  }
}

/** Colours tell curves apart, or runs; dashes tell the curves of one run apart, and all where colours do not suffice. */
export function dashOf(
  line: { colour: number; dash: number },
  several: boolean,
  highContrast: boolean,
): number[] {
  if (several) return dash(highContrast ? line.colour + line.dash : line.dash);
  return dash(highContrast ? line.dash : Math.floor(line.colour / 6));
}

/** Draws where the run was resumed and, on the lower edge, where checkpoints lie. */
export function drawMarks(u: uPlot, content: PlotContent): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const scales = scalesOf(u, content, false);
  const place = ({ step, seconds }: { step: number; seconds: number }): number =>
    scales.x(content.axis === "step" ? step : seconds);
  const inside = (x: number): boolean => x >= bbox.left - 1 && x <= bbox.left + bbox.width + 1;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = content.theme.muted;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  for (const x of content.resumes.map(place).filter(inside)) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  const size = 3 * ratio;
  for (const x of content.checkpoints.map(place).filter(inside)) {
    ctx.beginPath();
    ctx.moveTo(x - size, bottom);
    ctx.lineTo(x, bottom - 1.6 * size);
    ctx.lineTo(x + size, bottom);
    ctx.fill();
  }
  ctx.restore();
}

function scalesOf({ bbox }: uPlot, { x, y }: PlotContent, logarithmic: boolean): Scales {
  const perX = bbox.width / (x[1] - x[0]);
  const lift = logarithmic ? Math.log10 : (value: number): number => value;
  const [low, high] = [lift(y[0]), lift(y[1])];
  const perY = bbox.height / (high - low);
  const bottom = bbox.top + bbox.height;
  return {
    x: (value) => bbox.left + (value - x[0]) * perX,
    y: (value) => bottom - (lift(value) - low) * perY,
  };
}

/** Joins points by lines. A NaN is a gap, and so is what a logarithmic scale cannot show; a point alone is a dot. */
function stroke(ctx: CanvasRenderingContext2D, { x, y }: Points, scales: Scales): void {
  const alone: [left: number, top: number][] = [];
  let joined = 0;
  ctx.beginPath();
  for (let i = 0; i <= x.length; i++) {
    const top = i < x.length ? scales.y(y[i]!) : NaN;
    if (!Number.isFinite(top)) {
      if (joined === 1) alone.push([scales.x(x[i - 1]!), scales.y(y[i - 1]!)]);
      joined = 0;
      continue;
    }
    if (joined > 0) ctx.lineTo(scales.x(x[i]!), top);
    else ctx.moveTo(scales.x(x[i]!), top);
    joined++;
  }
  ctx.stroke();
  for (const [left, top] of alone) dot(ctx, left, top, 1.5 * ctx.lineWidth);
}

/** Dots on points within the plotting area; those on its edge are whole. */
function dots(
  ctx: CanvasRenderingContext2D,
  { left, top, width, height }: uPlot.BBox,
  { x, y }: Points,
  scales: Scales,
  size: number,
): void {
  for (let i = 0; i < x.length; i++) {
    const [right, down] = [scales.x(x[i]!) - left, scales.y(y[i]!) - top];
    if (right < -1 || down < -1 || right > width + 1 || down > height + 1) continue;
    dot(ctx, left + right, top + down, size);
  }
}

function dot(ctx: CanvasRenderingContext2D, left: number, top: number, size: number): void {
  ctx.beginPath();
  ctx.arc(left, top, size, 0, 2 * Math.PI);
  ctx.fill();
}

function strokeLevel(
  ctx: CanvasRenderingContext2D,
  bbox: uPlot.BBox,
  y: number,
  ratio: number,
): void {
  ctx.globalAlpha = 0.6;
  ctx.setLineDash([ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.globalAlpha = 1;
}
