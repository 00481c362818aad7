import type { Config } from "../protocol/config";
import { plural } from "../util/text";
import { halfLabels } from "./baseNovel";
import { readListFile } from "./listFile";
import type { ReadData } from "./readData";
import type { Sample } from "./types";

/**
 * Says of which trained classes `data.list` names another number of training images than `data.shots`; null where it has as
 * many, or all that the data set has of a class with fewer, as CoOp draws them.
 */
export function describeListedShots(
  data: Config["data"],
  protocol: Config["protocol"],
  read: ReadData,
): string | null {
  const { list, shots } = data;
  if (list === null || shots === null) return null;
  const { value } = read(data);
  const there = imagesOfClasses(value.train);
  const listed = imagesOfClasses(readListFile(list, value).train);
  const trained =
    protocol === "all"
      ? value.classNames.map((_, label) => label)
      : halfLabels(value.classNames.length, "base");
  const wrong = trained.flatMap((label) => {
    const named = listed.get(label) ?? [];
    // A class may be filled by repetition, as CLIP-LoRA does.
    if (named.length === shots) return [];
    const all = new Set(there.get(label)).size;
    return named.length < shots && new Set(named).size >= all ? [] : [{ label, named }];
  });
  if (wrong.length === 0) return null;
  const { label, named } = wrong[0]!;
  const others = wrong.length - 1;
  const also =
    others === 0
      ? ""
      : `, and another number than that of ${plural(others, "other class")} as well`;
  return `${list}: names ${plural(named.length, "training image")} of class "${value.sourceNames[label]!}" where shots is ${shots}${also}; name ${shots} of each class (all of one that has fewer), or change shots`;
}

/** The paths of each class. */
function imagesOfClasses(samples: readonly Sample[]): Map<number, string[]> {
  const paths = new Map<number, string[]>();
  for (const { label, path } of samples) {
    const known = paths.get(label);
    if (known) known.push(path);
    else paths.set(label, [path]);
  }
  return paths;
}
