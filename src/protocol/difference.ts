/** Which way a difference in percentage points goes, with two decimals. */
export type Direction = "better" | "same" | "worse";

export function directionOf(difference: number): Direction {
  if (Math.abs(difference) < 0.005) return "same";
  return difference > 0 ? "better" : "worse";
}

/** `+0.62`, `-0.62` or `±0.00`, with another minus and other figures where those are wanted. */
export function differenceText(
  difference: number,
  minus = "-",
  figures = (size: number): string => size.toFixed(2),
): string {
  const sign = { better: "+", same: "±", worse: minus }[directionOf(difference)];
  return sign + figures(Math.abs(difference));
}
