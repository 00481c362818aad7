/** How many places the palette of curves has. */
export const paletteSize = 6;

/**
 * A place in the palette for each run: a run keeps the place that it had; new ones take the lowest that is free, in their
 * order. Beyond the palette the numbers go on (the page tells them apart by dashes).
 */
export function assignColours(
  runs: readonly string[],
  kept: Readonly<Record<string, number>>,
): Record<string, number> {
  const colours: Record<string, number> = {};
  const taken = new Set<number>();
  for (const run of runs) {
    const colour = kept[run];
    if (colour === undefined || taken.has(colour)) continue;
    colours[run] = colour;
    taken.add(colour);
  }
  for (const run of runs) {
    if (run in colours) continue;
    let free = 0;
    while (taken.has(free)) free++;
    colours[run] = free;
    taken.add(free);
  }
  return colours;
}
