import type { RandomStream } from "./randomStream";
import { type Shape, shapePaths } from "./shapes";

/** What a texture draws over a shape, as SVG elements in a box from -1 to 1: some to be stroked, some to be filled. */
export interface Marks {
  stroked: string;
  filled: string;
}

type Draw = (random: RandomStream, shape: Shape) => Partial<Marks>;

/** Rays meet, and rings are centred, a little below the middle, where most shapes are widest. */
const hub = 0.08;

const draws = {
  bordered: (_, shape) => ({ stroked: `<path d="${shapePaths[shape]}" stroke-width="0.42"/>` }),
  checkered: () => ({
    filled: every(0.4, (y, i) =>
      every(0.4, (x, j) => ((i + j) % 2 === 0 ? rectangle(x, y, 0.4, 0.4) : "")),
    ),
  }),
  dotted: () => ({ filled: every(0.44, (y) => every(0.44, (x) => disc(x, y, 0.13))) }),
  halved: () => ({ filled: rectangle(-1.1, 0.05, 2.2, 1.2) }),
  hatched: () => ({
    stroked: every(0.42, (x) => line(x - 2.2, 1.1, x, -1.1) + line(x, 1.1, x + 2.2, -1.1)),
  }),
  netted: () => ({
    stroked: every(0.42, (at) => line(at, -1.1, at, 1.1) + line(-1.1, at, 1.1, at)),
  }),
  plain: () => ({}),
  rayed: () => ({
    filled: Array.from({ length: 8 }, (_, i) => {
      const end = (k: number): string => {
        const angle = (k * Math.PI) / 8;
        return `${short(1.6 * Math.cos(angle))} ${short(hub + 1.6 * Math.sin(angle))}`;
      };
      return `<path d="M0 ${hub}L${end(2 * i)}L${end(2 * i + 1)}Z"/>`;
    }).join(""),
  }),
  ringed: () => ({ stroked: [0.2, 0.55, 0.9].map((radius) => disc(0, hub, radius)).join("") }),
  speckled: (random) => ({
    filled: Array.from({ length: 60 }, () =>
      disc(random.between(-1, 1), random.between(-1, 1), 0.07),
    ).join(""),
  }),
  striped: () => ({ filled: every(0.5, (y) => rectangle(-1.1, y - 0.125, 2.2, 0.25)) }),
  wavy: () => ({
    stroked: every(0.42, (y) => {
      const points = every(0.07, (x) => `${short(x)} ${short(y + 0.12 * Math.sin(8 * x))} `);
      return `<polyline points="${points.trim()}"/>`;
    }),
  }),
  zigzag: () => ({
    stroked: every(0.48, (y) => {
      const points = every(
        0.25,
        (x, i) => `${short(x)} ${short(y + (i % 2 === 0 ? 0.16 : -0.16))} `,
      );
      return `<polyline points="${points.trim()}"/>`;
    }),
  }),
} satisfies Record<string, Draw>;

export type Texture = keyof typeof draws;
export const textures = Object.keys(draws) as Texture[];

/** The marks of a texture on a shape; the speckles' places are random. */
export function marksOf(texture: Texture, shape: Shape, random: RandomStream): Marks {
  const draw: Draw = draws[texture];
  return { stroked: "", filled: "", ...draw(random, shape) };
}

/** A number as it is written into an SVG file. */
export function short(x: number): string {
  return String(Number(x.toFixed(3)));
}

/** What `make` gives at every multiple of `step` that the box holds. */
function every(step: number, make: (at: number, i: number) => string): string {
  const count = Math.ceil(1.1 / step);
  return Array.from({ length: 2 * count + 1 }, (_, i) => make((i - count) * step, i)).join("");
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}"/>`;
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${width}" height="${height}"/>`;
}

function disc(x: number, y: number, radius: number): string {
  return `<circle cx="${short(x)}" cy="${short(y)}" r="${radius}"/>`;
}
