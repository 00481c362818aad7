import { dirname, relative, sep } from "node:path";
import type { SheetImage } from "../../../protocol/dataPage";
import type { NamedPrediction, Predicted } from "../../../protocol/predicted";
import type { Sheet } from "./sheet";

/** The images by class, in the order of the classes, the surest first; what cannot be read comes last. */
export function sheetOf(predicted: Predicted, title: string): Sheet {
  const { checkpoint, device, classes, images, unreadable } = predicted;
  const root = commonFolder([...images, ...unreadable].map(({ path }) => path));
  const at = (path: string) => ({ path: relative(root, path).split(sep).join("/"), root: 0 });
  const order = new Map(classes.map((each, i) => [each, i]));
  const sorted = images.toSorted((a, b) => {
    const [first, second] = [a.top[0]!, b.top[0]!];
    const byClass = order.get(first.name)! - order.get(second.name)!;
    return byClass || second.probability - first.probability;
  });
  return {
    title,
    subtitle: `${checkpoint} · ${device}`,
    groups: "classes",
    roots: [root],
    images: [
      ...sorted.map((image): SheetImage => ({
        ...at(image.path),
        part: image.top[0]!.name,
        said: said(image),
      })),
      ...unreadable.map(({ path }): SheetImage => ({ ...at(path), part: "" })),
    ],
  };
}

function said({ top }: NamedPrediction): { short: string; full: string } {
  const share = (probability: number): string => `${(100 * probability).toFixed(1)}%`;
  return {
    short: share(top[0]!.probability),
    full: top.map(({ name, probability }) => `${name} ${share(probability)}`).join(", "),
  };
}

/** The nearest folder that holds all files. */
export function commonFolder(files: readonly string[]): string {
  const folders = files.map(dirname);
  let [common = sep] = folders;
  const holds = (folder: string): boolean =>
    folder === common || folder.startsWith(common.endsWith(sep) ? common : common + sep);
  while (dirname(common) !== common && !folders.every(holds)) common = dirname(common);
  return common;
}
