import { basename } from "node:path";
import { givenByExperiment } from "../protocol/experimentSettings";
import { UserError } from "../util/errors";
import type { PlannedCell } from "./expand";
import { leaves, type Settings, type Variant, whatZeroShotTakes } from "./methods";

/** Throws where an experiment's own settings or those of a method cannot be meant. */
export function refuseSettings(
  config: Settings,
  variants: readonly Variant[],
  shots: readonly number[],
  file: string,
): void {
  refuse(config, "config", file, givenByExperiment);
  refuseList(config, shots, "config", file);
  for (const { preset, settings, source } of variants) {
    refuse(settings, source, file, [...givenByExperiment, ["output", 'the one in "config"']]);
    if (preset === "zero-shot") refuseUnused(settings, source, file);
    refuseList(settings, shots, source, file);
  }
}

function refuse(
  settings: Settings,
  source: string,
  file: string,
  given: typeof givenByExperiment,
): void {
  for (const [path, by] of given) {
    const value = path
      .split(".")
      .reduce<unknown>((at, key) => (at as Settings | undefined)?.[key], settings);
    if (value === undefined) continue;
    throw new UserError(
      `${basename(file)}: ${source} sets ${path}, which the experiment gives to its runs by ${by}; take it out there`,
    );
  }
}

/** What a method sets that does nothing where nothing is trained. */
function refuseUnused(settings: Settings, source: string, file: string): void {
  const used = leaves(whatZeroShotTakes(settings));
  const unused = leaves(settings).find((path) => !used.includes(path));
  if (unused !== undefined)
    throw new UserError(
      `${basename(file)}: ${source} sets ${unused}, which zero-shot does not use, because nothing is trained; take it out`,
    );
}

/** Two methods of the same settings would be one run under two names. */
export function refuseTwins(cells: readonly PlannedCell[], file: string): void {
  const known = new Map<string, PlannedCell>();
  for (const cell of cells) {
    const twin = known.get(cell.name);
    if (twin)
      throw new UserError(
        `${basename(file)}: the methods "${twin.method}" and "${cell.method}" have the same settings; take one of them out`,
      );
    known.set(cell.name, cell);
  }
}

/** What stands for a data set's folder at the beginning of `data.list`. */
export const folderPlace = "{folder}";

/** One list cannot be of several numbers of shots, and a data set's folder is where a path begins. */
function refuseList(
  settings: Settings,
  shots: readonly number[],
  source: string,
  file: string,
): void {
  const list = listIn(settings);
  if (list === null) return;
  const sets = `${basename(file)}: ${source} sets data.list to "${list}"`;
  if (shots.length > 1 && !list.includes("{shots}"))
    throw new UserError(
      `${sets} for all numbers of shots; put {shots} into its name, and {dataset} and {seed} where there is a list for each`,
    );
  if (list.lastIndexOf(folderPlace) > 0)
    throw new UserError(
      `${sets}; ${folderPlace} is the data set's folder, so it can only stand at the beginning`,
    );
}

export function listIn({ data }: Settings): string | null {
  const list = (data as Settings | undefined)?.list;
  return typeof list === "string" ? list : null;
}
