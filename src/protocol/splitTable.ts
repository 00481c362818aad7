import type { SplitTable } from "./dataPage";
import type { DataPreview } from "./dataReport";

/** How many images each split has of each class; classes of one name are one row, in the order in which they come. */
export function splitTable({ splits }: Pick<DataPreview, "splits">): SplitTable {
  const rows = new Map<string, (number | null)[]>();
  splits.forEach(({ classNames, images }, column) => {
    for (const name of classNames) {
      const counts = rows.get(name) ?? splits.map(() => null);
      counts[column] ??= 0;
      rows.set(name, counts);
    }
    for (const [, label] of images) rows.get(classNames[label]!)![column]!++;
  });
  return {
    splits: splits.map(({ split, classNames, images }) => ({
      split,
      classes: classNames.length,
      images: images.length,
    })),
    classes: [...rows].map(([name, counts]) => ({ name, counts })),
  };
}
