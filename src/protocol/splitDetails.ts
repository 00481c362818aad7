import type { ClassConfusion, ClassResult, Picture, SplitDetails } from "./page";

/** An image of an evaluated split with its likeliest classes, most likely first; labels count the class names. */
export interface PredictedImage {
  /** Relative to the image root. */
  path: string;
  label: number;
  top: readonly { label: number; probability: number }[];
}

/** What of a split's details is wanted. */
export interface DetailsQuery {
  run: string;
  split: string;
  /** Only mistakes of this class; null for all. */
  label: string | null;
  offset: number;
  limit: number;
}

/** How many classes the page shows the confusions of, how many wrong classes of each, and how many pictures of those. */
const [worstClasses, wrongClasses, picturesOfEach] = [12, 4, 4];

/**
 * Classes, confusions and one page of mistakes from the raw predictions of a split, and of CLIP without adapters beside
 * them where there are any. `uriOf` turns a path into an address that the page may load.
 */
export function splitDetails(
  query: DetailsQuery,
  classNames: readonly string[],
  predictions: readonly PredictedImage[],
  zeroShot: readonly PredictedImage[] | null,
  uriOf: (path: string) => string | null,
): SplitDetails {
  const name = (label: number): string => classNames[label] ?? `#${label}`;
  const wrong = predictions
    .filter(({ label }) => query.label === null || name(label) === query.label)
    .filter(({ label, top }) => top[0]?.label !== label)
    .sort((a, b) => (b.top[0]?.probability ?? 0) - (a.top[0]?.probability ?? 0));
  return {
    run: query.run,
    split: query.split,
    classes: classResults(classNames, predictions, zeroShot),
    confusions: confusions(classNames, predictions, uriOf),
    mistakes: wrong.slice(query.offset, query.offset + query.limit).map(({ path, label, top }) => ({
      path,
      uri: uriOf(path),
      label: name(label),
      top: top.map(({ label: other, probability }) => ({ name: name(other), probability })),
    })),
    offset: query.offset,
    totalMistakes: wrong.length,
  };
}

function classResults(
  classNames: readonly string[],
  predictions: readonly PredictedImage[],
  zeroShot: readonly PredictedImage[] | null,
): ClassResult[] {
  const counted = hits(classNames.length, predictions);
  const before = zeroShot && hits(classNames.length, zeroShot);
  return classNames.map((name, label) => ({
    name,
    correct: counted.correct[label]!,
    total: counted.total[label]!,
    zeroShotCorrect: before ? before.correct[label]! : null,
  }));
}

function hits(
  classes: number,
  predictions: readonly PredictedImage[],
): { correct: number[]; total: number[] } {
  const correct = new Array<number>(classes).fill(0);
  const total = new Array<number>(classes).fill(0);
  for (const { label, top } of predictions) {
    if (total[label] === undefined) continue;
    total[label]++;
    if (top[0]?.label === label) correct[label]!++;
  }
  return { correct, total };
}

/** What the worst classes were taken for. Classes without mistakes are left out. */
function confusions(
  classNames: readonly string[],
  predictions: readonly PredictedImage[],
  uriOf: (path: string) => string | null,
): ClassConfusion[] {
  const { correct, total } = hits(classNames.length, predictions);
  const accuracy = (label: number): number => correct[label]! / total[label]!;
  const worst = classNames
    .map((_, label) => label)
    .filter((label) => total[label]! > correct[label]!)
    .sort((a, b) => accuracy(a) - accuracy(b) || total[b]! - total[a]!)
    .slice(0, worstClasses);
  const taken = takenFor(new Set(worst), predictions);
  return worst.map((label) => ({
    name: classNames[label]!,
    correct: correct[label]!,
    total: total[label]!,
    takenFor: [...taken.get(label)!]
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, wrongClasses)
      .map(([predicted, paths]) => ({
        name: classNames[predicted] ?? `#${predicted}`,
        count: paths.length,
        pictures: paths
          .slice(0, picturesOfEach)
          .map((path): Picture => ({ path, uri: uriOf(path) })),
      })),
  }));
}

/** For each of some labels: the wrong predictions of its images with the paths of those images. */
function takenFor(
  labels: ReadonlySet<number>,
  predictions: readonly PredictedImage[],
): Map<number, Map<number, string[]>> {
  const taken = new Map([...labels].map((label) => [label, new Map<number, string[]>()]));
  for (const { label, top, path } of predictions) {
    const predicted = top[0]?.label;
    const wrong = taken.get(label);
    if (!wrong || predicted === undefined || predicted === label) continue;
    const paths = wrong.get(predicted) ?? [];
    paths.push(path);
    wrong.set(predicted, paths);
  }
  return taken;
}
