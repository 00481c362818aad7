import * as nodePath from "node:path";
import type { SheetImage } from "../../../protocol/dataPage";
import type { NamedPrediction, Predicted } from "../../../protocol/predicted";
import type { Sheet } from "./sheet";

type PathRules = Pick<nodePath.PlatformPath, "dirname" | "parse" | "relative" | "sep">;

/** The images by class, in the order of the classes, the surest first; what cannot be read comes last. */
export function sheetOf(predicted: Predicted, title: string, rules: PathRules = nodePath): Sheet {
  const { checkpoint, device, classes, images, unreadable } = predicted;
  const roots = commonFolders(
    [...images, ...unreadable].map(({ path }) => path),
    rules,
  );
  const drives = [...roots.keys()];
  const at = (path: string) => {
    const drive = rules.parse(path).root;
    const below = rules.relative(roots.get(drive)!, path);
    return { path: below.split(rules.sep).join("/"), root: drives.indexOf(drive) };
  };
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
    roots: [...roots.values()],
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

/** The nearest folder that holds all files, for each drive: by its root, which is "/" where there are none. */
export function commonFolders(files: readonly string[], rules: PathRules): Map<string, string> {
  const { dirname, parse, sep } = rules;
  const found = new Map<string, string>();
  const holds = (folder: string, file: string): boolean =>
    file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  for (const file of files) {
    const drive = parse(file).root;
    let folder = found.get(drive) ?? dirname(file);
    while (dirname(folder) !== folder && !holds(folder, file)) folder = dirname(folder);
    found.set(drive, folder);
  }
  return found;
}
