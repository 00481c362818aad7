import type { Merge } from "../data/clipVocabulary";

/**
 * Byte-pair merges by which each of the words becomes one token: the most frequent pair of neighbours is merged
 * everywhere, and again (Sennrich et al. 2016), until the words are whole. Encoding repeats these merges in the same
 * order, so no merge of one word spoils another.
 */
export function trainMerges(words: readonly string[]): Merge[] {
  let spelt = words.map((word) =>
    [...word].map((letter, i) => (i === word.length - 1 ? `${letter}</w>` : letter)),
  );
  const merges: Merge[] = [];
  for (let pair = mostFrequentPair(spelt); pair !== null; pair = mostFrequentPair(spelt)) {
    const found = pair;
    merges.push(found);
    spelt = spelt.map((parts) => merged(parts, found));
  }
  return merges;
}

/** Of equally frequent pairs the first in the order of the words; null where no word has two parts. */
function mostFrequentPair(spelt: readonly string[][]): Merge | null {
  const counts = new Map<string, { pair: Merge; count: number }>();
  for (const parts of spelt)
    for (let i = 1; i < parts.length; i++) {
      const pair = [parts[i - 1]!, parts[i]!] as const;
      const key = pair.join(" ");
      counts.set(key, { pair, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  let best: { pair: Merge; count: number } | null = null;
  for (const entry of counts.values()) if (entry.count > (best?.count ?? 0)) best = entry;
  return best && best.pair;
}

/** The parts with each occurrence of the pair joined, from the left. */
function merged(parts: readonly string[], [left, right]: Merge): string[] {
  const result: string[] = [];
  for (const part of parts) {
    if (part === right && result.at(-1) === left) result[result.length - 1] = left + right;
    else result.push(part);
  }
  return result;
}
