import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { DataSet } from "../data/sets/dataSet";
import { findDataSet, shiftedSets, trainedSets } from "../data/sets/index";
import { type Experiment, longestSetName } from "../protocol/experiment";
import type { NamedSet } from "../protocol/experimentRecord";
import { UserError } from "../util/errors";

/** A data set of an experiment with what a run's configuration says of it. */
export interface ChosenSet extends NamedSet {
  dataset: string;
  root: string | null;
  template: string;
}

/** The data sets that an experiment trains on, and those that every run is measured on besides. */
export function chosenSets(experiment: Experiment): { trained: ChosenSet[]; targets: ChosenSet[] } {
  const { protocol, datasets, source, targets } = experiment;
  if (protocol === "few-shot" || protocol === "base-to-novel")
    return {
      trained: chooseAll(datasets ?? names(trainedSets), "datasets", experiment),
      targets: [],
    };
  const trained = chosen(source ?? "imagenet", "source", experiment);
  // Those of the papers, but for the one that is trained here.
  const usual = protocol === "domain-generalization" ? shiftedSets : trainedSets.slice(1);
  const others = names(usual).filter((name) => name !== trained.published);
  const measured = chooseAll(targets ?? others, "targets", experiment);
  const own = measured.find((set) => isSame(set, trained));
  if (own)
    throw new UserError(
      `targets: "${own.name}" is what is trained on, whose accuracy every table has beside the targets' average; take it out`,
    );
  requireDistinct([trained, ...measured]);
  return { trained: [trained], targets: measured };
}

/** What a message calls one of some data sets by its name in runs: a folder's name is made of its own, which the file has. */
export function toldName(
  { trained, targets }: ReturnType<typeof chosenSets>,
  name: string,
): string {
  const set = [...trained, ...targets].find((each) => each.name === name);
  return set?.published === null ? set.title : name;
}

type Listed = NonNullable<Experiment["source"]>;

function chooseAll(sets: readonly Listed[], setting: string, experiment: Experiment): ChosenSet[] {
  const all = sets.map((set, i) => chosen(set, `${setting}[${i}]`, experiment));
  requireDistinct(all);
  return all;
}

function isSame(a: ChosenSet, b: ChosenSet): boolean {
  return a.dataset === b.dataset && a.root === b.root && a.template === b.template;
}

function names(sets: readonly { name: string }[]): string[] {
  return sets.map(({ name }) => name);
}

function chosen(listed: Listed, setting: string, { root, templates }: Experiment): ChosenSet {
  const set =
    typeof listed === "string"
      ? { dataset: listed, root: null, template: null, name: undefined }
      : listed;
  const found = set.dataset === "folder" ? null : publishedSet(listed, setting);
  const own = set.root ?? root;
  if (!found && own === null)
    throw new UserError(`${setting}: is a folder of images without a root; give its "root"`);
  return {
    name: set.name ?? found?.name ?? nameOfFolder(basename(own!)),
    title: set.name ?? found?.title ?? basename(own!),
    published: found?.name ?? null,
    dataset: found?.name ?? "folder",
    root: own,
    template: set.template ?? templateOf(templates),
  };
}

/**
 * A folder's name as the names of runs and splits may hold it. Where that leaves out what tells it from others, as of a name in
 * Chinese, digits of a hash stand for the rest.
 */
function nameOfFolder(folder: string): string {
  const plain = folder.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  if (plain !== "" && plain.length <= longestSetName && /^[\x20-\x7e]*$/.test(folder)) return plain;
  const digits = createHash("sha256").update(folder).digest("hex").slice(0, 6);
  const start = plain.replace(/-+/g, "-").slice(0, 24).replace(/-$/, "");
  return `${start === "" ? "images" : start}-${digits}`;
}

/** The published data set that a file names, or what is wrong with that name. */
export function publishedSet(listed: Listed, setting?: string): DataSet {
  const name = typeof listed === "string" ? listed : listed.dataset;
  if (typeof listed === "string" && /[\\/]|^[.~]/.test(name)) {
    throw new UserError(
      `${setting === undefined ? "" : `${setting}: `}"${name}" is no published data set; a folder of your own is given as {"root": ${JSON.stringify(name)}}`,
    );
  }
  return findDataSet(name, setting, typeof listed === "string" ? [] : ["folder"]);
}

/** CLIP-LoRA's prompt for all data sets; a run takes "dataset" and prompts of one's own as they are. */
function templateOf(templates: string): string {
  return templates === "clip-lora" ? "a photo of a {}." : templates;
}

function requireDistinct(sets: readonly ChosenSet[]): void {
  const all = names(sets);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new UserError(
    `two data sets of the experiment are called "${twice}"; give one of them another "name"`,
  );
}
