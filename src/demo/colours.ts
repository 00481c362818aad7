import type { RandomStream } from "./randomStream";

/** Red, green and blue from 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The colours that captions name. */
export const colours = {
  red: [214, 40, 40],
  orange: [240, 136, 36],
  yellow: [242, 209, 61],
  green: [47, 150, 68],
  blue: [43, 95, 217],
  purple: [123, 63, 181],
  pink: [242, 140, 184],
  brown: [128, 82, 38],
  white: [244, 244, 244],
  black: [30, 30, 30],
  grey: [138, 138, 138],
} as const satisfies Record<string, Rgb>;

export type Colour = keyof typeof colours;
export const colourNames = Object.keys(colours) as Colour[];

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];

/** `share` of b and the rest of a. */
export function blend(a: Rgb, b: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => a[i]! + (b[i]! - a[i]!) * share) as unknown as Rgb;
}

/** A lighter shade of a dark colour, a darker one of a light colour. */
export function contrasting(colour: Rgb, share: number): Rgb {
  const light = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
  return blend(colour, light > 110 ? black : white, share);
}

/** A colour near the given one; `spread` 0 keeps it, 1 may give any. */
export function nearby(colour: Rgb, spread: number, random: RandomStream): Rgb {
  const any: Rgb = [random.between(0, 255), random.between(0, 255), random.between(0, 255)];
  return blend(colour, any, spread);
}

/** `#rrggbb` */
export function hex(colour: Rgb): string {
  const two = (x: number): string =>
    Math.round(Math.min(255, Math.max(0, x)))
      .toString(16)
      .padStart(2, "0");
  return `#${colour.map(two).join("")}`;
}
