import type { Line } from "./definitions";

/** What a key does to the cursor or the zoom of the charts. */
export type KeyAction =
  { type: "cursor"; x: number | null } | { type: "zoom"; range: [number, number] | null };

/**
 * What a key means in a chart: arrows and Page Up and Down move over the points of the first line, Home and End go to its
 * ends, plus and minus zoom about the cursor, 0 shows everything. Null where it means nothing.
 */
export function keyAction(
  key: string,
  lines: readonly Line[],
  cursor: number | null,
  [from, to]: [number, number],
): KeyAction | null {
  const zoom = (factor: number): KeyAction => {
    const centre = cursor ?? (from + to) / 2;
    return {
      type: "zoom",
      range: [centre - (centre - from) * factor, centre + (to - centre) * factor],
    };
  };
  switch (key) {
    case "Escape":
      return cursor === null ? null : { type: "cursor", x: null };
    case "+":
    case "=":
      return zoom(0.5);
    case "-":
      return zoom(2);
    case "0":
      return { type: "zoom", range: null };
    default:
      return move(key, places(lines, from, to), cursor);
  }
}

function move(key: string, places: readonly number[], cursor: number | null): KeyAction | null {
  const last = places.length - 1;
  if (last < 0) return null;
  const tenth = Math.max(1, Math.round(last / 10));
  const at = cursor === null ? last : indexOf(places, cursor);
  const steps: Record<string, number> = {
    ArrowLeft: cursor === null ? 0 : -1,
    ArrowRight: cursor === null ? 0 : 1,
    PageDown: -tenth,
    PageUp: tenth,
    Home: -at,
    End: last - at,
  };
  const step = steps[key];
  if (step === undefined) return null;
  return { type: "cursor", x: places[Math.min(last, Math.max(0, at + step))]! };
}

/** The points of the first line that has any, between two places of the axis. */
function places(lines: readonly Line[], from: number, to: number): number[] {
  for (const { raw, smooth } of lines) {
    const { x, y } = smooth ?? raw;
    const found = [...x].filter((at, i) => at >= from && at <= to && !Number.isNaN(y[i]!));
    if (found.length > 0) return found;
  }
  return [];
}

function indexOf(places: readonly number[], x: number): number {
  let best = 0;
  places.forEach((place, i) => {
    if (Math.abs(place - x) < Math.abs(places[best]! - x)) best = i;
  });
  return best;
}
