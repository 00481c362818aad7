import { basename } from "node:path";
import { givenByExperiment, givenToMethods } from "../protocol/experimentSettings";
import { UserError } from "../util/errors";
import type { PlannedCell } from "./expand";
import { leaves, type Settings, type Variant, whatZeroShotTakes } from "./methods";

/** A setting that cannot be meant where it stands. */
export interface Refusal {
  /** Dotted name. */
  setting: string;
  message: string;
}

/** Throws where an experiment's own settings or those of a method cannot be meant. */
export function refuseSettings(
  config: Settings,
  variants: readonly Variant[],
  shots: readonly number[],
  file: string,
): void {
  const all = [
    ...configRefusals(config, shots),
    ...variants.flatMap((variant) => methodRefusals(variant, shots)),
  ];
  const sentences = all.map(({ message }) => `${basename(file)}: ${message}`);
  if (sentences.length > 0) throw new UserError([...new Set(sentences)].join("\n"));
}

/** Which settings of an experiment's "config" cannot be meant. */
export function configRefusals(config: Settings, shots: readonly number[]): Refusal[] {
  return [
    ...givenRefusals(config, "config", givenByExperiment),
    ...listRefusals(config, shots, "config"),
  ];
}

/** Which settings of a method cannot be meant. */
export function methodRefusals(
  { preset, settings, source }: Variant,
  shots: readonly number[],
): Refusal[] {
  const given = givenRefusals(settings, source, givenToMethods);
  const said = new Set(given.map(({ setting }) => setting));
  const unused = preset === "zero-shot" ? unusedRefusals(settings, source) : [];
  return [
    ...given,
    ...unused.filter(({ setting }) => !said.has(setting)),
    ...listRefusals(settings, shots, source),
  ];
}

function givenRefusals(
  settings: Settings,
  source: string,
  given: typeof givenByExperiment,
): Refusal[] {
  return given.flatMap(([setting, by]) => {
    const value = setting
      .split(".")
      .reduce<unknown>((at, key) => (at as Settings | undefined)?.[key], settings);
    if (value === undefined) return [];
    const message = `${source} sets ${setting}, which the experiment gives to its runs by ${by}; take it out there`;
    return [{ setting, message }];
  });
}

/** What a method sets that does nothing where nothing is trained. */
function unusedRefusals(settings: Settings, source: string): Refusal[] {
  const used = leaves(whatZeroShotTakes(settings));
  return leaves(settings)
    .filter((setting) => !used.includes(setting))
    .map((setting) => ({
      setting,
      message: `${source} sets ${setting}, which zero-shot does not use, because nothing is trained; take it out`,
    }));
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
function listRefusals(settings: Settings, shots: readonly number[], source: string): Refusal[] {
  const list = listIn(settings);
  if (list === null) return [];
  const setting = "data.list";
  const sets = `${source} sets data.list to "${list}"`;
  const found: Refusal[] = [];
  if (shots.length > 1 && !list.includes("{shots}"))
    found.push({
      setting,
      message: `${sets} for all numbers of shots; put {shots} into its name, and {dataset} and {seed} where there is a list for each`,
    });
  if (list.lastIndexOf(folderPlace) > 0)
    found.push({
      setting,
      message: `${sets}; ${folderPlace} is the data set's folder, so it can only stand at the beginning`,
    });
  return found;
}

export function listIn({ data }: Settings): string | null {
  const list = (data as Settings | undefined)?.list;
  return typeof list === "string" ? list : null;
}
