/**
 * How many single letters must be changed, put in, left out or swapped with their neighbour to make `b` of `a`
 * (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(last[j]! + 1, current[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2]! + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}

/**
 * The candidate with the smallest distance from a word, the first of equals. Case, dashes and underscores do not count, and
 * a word that is a part of a candidate, or the other way round, is one step away.
 */
export function nearest(
  word: string,
  candidates: readonly string[],
): { name: string; distance: number } | null {
  let best: { name: string; distance: number } | null = null;
  for (const name of candidates) {
    const [a, b] = [plain(word), plain(name)];
    const part = Math.min(a.length, b.length) > 2 && (a.includes(b) || b.includes(a));
    const distance = Math.min(editDistance(a, b), part ? 1 : Infinity);
    if (best === null || distance < best.distance) best = { name, distance };
  }
  return best;
}

/** Whether a distance is that of a slip rather than of another word. */
export function isSlip(word: string, distance: number): boolean {
  return distance <= Math.max(1, Math.floor(word.length / 3));
}

/**
 * The candidate that was meant by a word that is none of them, though nearly; null where none is near, or two are alike. Of
 * very short words every other one is near, so half of the letters must be right.
 */
export function meantBy(word: string, candidates: readonly string[]): string | null {
  const best = nearest(word, candidates);
  if (!best || !isSlip(word, best.distance) || 2 * best.distance >= word.length) return null;
  const next = nearest(
    word,
    candidates.filter((name) => name !== best.name),
  );
  return next?.distance === best.distance ? null : best.name;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, "");
}
