import { csvCell } from "./csv";

/** An image with the classes that a model finds likeliest, most likely first: at most three. */
export interface NamedPrediction {
  /** Absolute. */
  path: string;
  top: { name: string; probability: number }[];
}

/** What a model says of images whose class nobody has told: the answer of `glad predict --format json`. */
export interface Predicted {
  checkpoint: string;
  device: string;
  deviceReason: string;
  /** The names between which it chose. */
  classes: string[];
  images: NamedPrediction[];
  /** Images that cannot be decoded, and why. */
  unreadable: { path: string; problem: string }[];
}

/** How far `glad predict` has come: images are opened first, to name those that cannot be, and then classified. */
export interface PredictProgress {
  doing: "opening" | "classifying";
  done: number;
  total: number;
}

/** The images as a table for a spreadsheet (RFC 4180), a row each. */
export function predictedCsv({ classes, images }: Predicted): string {
  const places = Array.from({ length: Math.min(3, classes.length) }, (_, i) => i + 1);
  const head = ["image", ...places.flatMap((n) => [`class ${n}`, `probability ${n}`])];
  const rows = images.map(({ path, top }) => [
    path,
    ...top.flatMap(({ name, probability }) => [name, probability.toFixed(6)]),
  ]);
  return [head, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}
