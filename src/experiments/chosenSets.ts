import { basename } from "node:path";
import { findDataSet, shiftedSets, trainedSets } from "../data/sets/index";
import type { Experiment, NamedSet } from "../protocol/experiment";
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
  const choose = (sets: readonly Listed[]): ChosenSet[] =>
    distinct(sets.map((set) => chosen(set, experiment)));
  switch (protocol) {
    case "few-shot":
    case "base-to-novel":
      return { trained: choose(datasets ?? names(trainedSets)), targets: [] };
    case "domain-generalization":
      return {
        trained: choose([source ?? "imagenet"]),
        targets: choose(targets ?? names(shiftedSets)),
      };
    case "cross-dataset":
    case "own":
      return {
        trained: choose([source ?? "imagenet"]),
        targets: choose(targets ?? names(trainedSets).filter((name) => name !== "imagenet")),
      };
  }
}

type Listed = NonNullable<Experiment["source"]>;

function names(sets: readonly { name: string }[]): string[] {
  return sets.map(({ name }) => name);
}

function chosen(listed: Listed, { root, templates }: Experiment): ChosenSet {
  const set =
    typeof listed === "string"
      ? { dataset: listed, root: null, template: null, name: undefined }
      : listed;
  const found = set.dataset === "folder" ? null : findDataSet(set.dataset);
  const own = set.root ?? root;
  if (!found && own === null)
    throw new UserError("a data set of the experiment is a folder without a root; give its root");
  const name = set.name ?? found?.name ?? basename(own!).replace(/[^A-Za-z0-9._-]/g, "-");
  return {
    name,
    title: set.name ?? found?.title ?? name,
    published: found?.name ?? null,
    dataset: found?.name ?? "folder",
    root: own,
    template: set.template ?? templateOf(templates),
  };
}

/** CLIP-LoRA's prompt for all data sets; a run takes "dataset" and prompts of one's own as they are. */
function templateOf(templates: string): string {
  return templates === "clip-lora" ? "a photo of a {}." : templates;
}

function distinct(sets: ChosenSet[]): ChosenSet[] {
  const all = sets.map(({ name }) => name);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice === undefined) return sets;
  throw new UserError(
    `two data sets of the experiment are called "${twice}"; give one of them another "name"`,
  );
}
