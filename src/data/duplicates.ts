import { firstFive, plural } from "../util/text";

/** An image file with its place in the data set. */
export interface HashedImage {
  path: string;
  /** "train", "val" or "test". */
  part: string;
  label: number;
  /** Hash of its bytes; null where it could not be read. */
  hash: string | null;
}

/** What is said of images that are there several times, and which they are. */
export interface Duplicates {
  text: string;
  groups: HashedImage[][];
}

/**
 * Sentences about images with the same bytes under different paths. Worst first: in several splits (what is measured
 * was seen in training), with several classes, and within one class of one split.
 */
export function describeDuplicates(images: readonly HashedImage[]): Duplicates[] {
  // Two passes: of a million images, few are there twice.
  const once = new Set<string>();
  const groups = new Map<string, HashedImage[]>();
  for (const { hash } of images) {
    if (hash === null) continue;
    if (once.has(hash)) groups.set(hash, []);
    else once.add(hash);
  }
  for (const image of images) {
    if (image.hash !== null) groups.get(image.hash)?.push(image);
  }
  const leaks: HashedImage[][] = [];
  const contradictions: HashedImage[][] = [];
  const repeats: HashedImage[][] = [];
  for (const group of groups.values()) {
    const several = (key: "part" | "label") => new Set(group.map((image) => image[key])).size > 1;
    const list = several("part") ? leaks : several("label") ? contradictions : repeats;
    list.push(group);
  }
  const tell = (groups: HashedImage[][], where: string): Duplicates[] => {
    if (groups.length === 0) return [];
    const named = groups.map((group) => group.map(({ path, part }) => `${path} [${part}]`));
    const equal = named.map((names) => firstFive(names, " = "));
    const text = `${plural(groups.length, "image")} under several names ${where}: ${firstFive(equal)}.`;
    return [{ text, groups }];
  };
  return [
    ...tell(leaks, "in different splits, so what is measured was also trained or selected on"),
    ...tell(contradictions, "with different classes"),
    ...tell(repeats, "within one class and split"),
  ];
}
