/** The name of the split that holds the test images of a data set measured beside the trained one. */
export function targetSplit(name: string): string {
  return `target:${name}`;
}

/** The data set that a split of that kind is of; null of a run's own splits. */
export function targetName(split: string): string | null {
  return split.startsWith("target:") ? split.slice("target:".length) : null;
}

/** Whether a split's labels count classes of its own, not those that are trained. */
export function hasOwnClasses(split: string): boolean {
  return split === "novel" || targetName(split) !== null;
}
