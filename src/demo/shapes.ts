/** The outlines of the world's shapes as SVG paths in a box from -1 to 1, y downwards. */

const curved = {
  circle: "M-0.92 0A0.92 0.92 0 1 1 0.92 0A0.92 0.92 0 1 1 -0.92 0Z",
  heart:
    "M0 0.92C-1.3 0 -0.98 -0.9 -0.5 -0.9C-0.2 -0.9 0 -0.66 0 -0.46C0 -0.66 0.2 -0.9 0.5 -0.9C0.98 -0.9 1.3 0 0 0.92Z",
  moon: "M0.42 -0.9A0.96 0.96 0 1 0 0.42 0.9A1.08 1.08 0 0 1 0.42 -0.9Z",
  drop: "M0 -1C0.32 -0.45 0.7 -0.05 0.7 0.34A0.7 0.64 0 0 1 -0.7 0.34C-0.7 -0.05 -0.32 -0.45 0 -1Z",
};

const angular = {
  square: polygon([
    [-0.8, -0.8],
    [0.8, -0.8],
    [0.8, 0.8],
    [-0.8, 0.8],
  ]),
  triangle: polygon([
    [0, -0.9],
    [0.98, 0.8],
    [-0.98, 0.8],
  ]),
  star: polygon(around(10, -90, (i) => (i % 2 === 0 ? 1 : 0.44))),
  cross: polygon([
    [-0.32, -0.95],
    [0.32, -0.95],
    [0.32, -0.32],
    [0.95, -0.32],
    [0.95, 0.32],
    [0.32, 0.32],
    [0.32, 0.95],
    [-0.32, 0.95],
    [-0.32, 0.32],
    [-0.95, 0.32],
    [-0.95, -0.32],
    [-0.32, -0.32],
  ]),
  diamond: polygon([
    [0, -1],
    [0.72, 0],
    [0, 1],
    [-0.72, 0],
  ]),
  hexagon: polygon(around(6, 0, () => 0.98)),
  arrow: polygon([
    [-0.95, -0.34],
    [0.05, -0.34],
    [0.05, -0.85],
    [0.98, 0],
    [0.05, 0.85],
    [0.05, 0.34],
    [-0.95, 0.34],
  ]),
  house: polygon([
    [0, -0.98],
    [0.9, -0.2],
    [0.7, -0.2],
    [0.7, 0.88],
    [-0.7, 0.88],
    [-0.7, -0.2],
    [-0.9, -0.2],
  ]),
};

/** Path data by the shape's name. */
export const shapePaths = { ...curved, ...angular };

export type Shape = keyof typeof shapePaths;
export const shapes = Object.keys(shapePaths).sort() as Shape[];

type Point = readonly [number, number];

function polygon(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${x} ${y}`).join("L")}Z`;
}

/** `count` corners around the middle from `degrees` on, at the radius of each. */
function around(count: number, degrees: number, radius: (i: number) => number): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = ((degrees + (360 * i) / count) * Math.PI) / 180;
    const at = (x: number): number => Number((x * radius(i)).toFixed(3));
    return [at(Math.cos(angle)), at(Math.sin(angle))];
  });
}
