import type { Theme } from "../theme";
import type { CurveToggle, Line } from "./definitions";
import { dashOf } from "./draw";
import { lineName } from "./summary";

/** A chart as a picture of its own: its title, its key and its plot on the theme's background. */
export async function chartPng(
  plot: HTMLCanvasElement,
  title: string,
  lines: readonly Line[],
  toggles: readonly CurveToggle[],
  compare: boolean,
  theme: Theme,
): Promise<Uint8Array> {
  const ratio = devicePixelRatio;
  const [margin, heading, row] = [12 * ratio, 26 * ratio, 18 * ratio];
  const canvas = document.createElement("canvas");
  canvas.width = plot.width + 2 * margin;
  canvas.height = plot.height + 2 * margin + heading + row * lines.length;
  const ctx = canvas.getContext("2d")!;
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  const font = (size: number, weight: string): string =>
    theme.font.replace(/^\d+px/, `${weight} ${size * ratio}px`);
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.foreground;
  ctx.font = font(13, "600");
  ctx.fillText(title, margin, margin + heading / 2 - 4 * ratio);
  ctx.font = font(11, "400");
  lines.forEach((line, i) => {
    const y = margin + heading + row * (i + 0.5) - 4 * ratio;
    ctx.strokeStyle = theme.palette[line.colour % theme.palette.length]!;
    ctx.lineWidth = 2 * ratio;
    ctx.setLineDash(dashOf(line, compare, theme.highContrast).map((part) => part * ratio));
    ctx.beginPath();
    ctx.moveTo(margin, y);
    ctx.lineTo(margin + 18 * ratio, y);
    ctx.stroke();
    ctx.fillText(lineName(line, toggles, compare), margin + 26 * ratio, y);
  });
  ctx.drawImage(plot, margin, margin + heading + row * lines.length);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  return new Uint8Array(await blob!.arrayBuffer());
}
