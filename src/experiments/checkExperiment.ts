import { basename } from "node:path";
import type { Experiment } from "../protocol/experiment";
import { UserError } from "../util/errors";
import { chosenSets, type ChosenSet, publishedSet } from "./chosenSets";
import { configOf, digitsOf, parseSettings } from "./expand";
import type { LoadedExperiment } from "./loadExperiment";
import { type Variant, variantsOf } from "./methods";
import { exactPlaceOf, has, indexOf, type Keys, placeOf } from "./placeOf";
import { refuseSettings } from "./refusals";

/** Something that is wrong with an experiment. */
export interface ExperimentProblem {
  /** Where in the file; of a key that is not there, the place that it is missing from. */
  path: (string | number)[];
  /** One sentence. */
  message: string;
}

/**
 * Everything that is wrong with an experiment which its schema cannot say, by the rules of expanding it: data sets and
 * settings that do not exist, settings that are the experiment's own, methods that are the same. No file is looked at
 * and no cell is made, so that an editor can ask while somebody types.
 */
export function checkExperiment(loaded: LoadedExperiment): ExperimentProblem[] {
  const { experiment } = loaded;
  const problems = [
    ...listedSets(experiment).flatMap(unknownSet),
    ...configProblems(loaded),
    ...experiment.methods.flatMap((_, i) => methodProblems(loaded, i)),
  ];
  if (problems.length > 0) return distinct(problems);
  const named = [
    ...inPlace(["methods"], loaded, () => variantsOf(experiment)),
    ...inPlace([experiment.datasets ? "datasets" : "targets"], loaded, () =>
      chosenSets(experiment),
    ),
  ];
  return named.length > 0 ? named : twinMethods(loaded);
}

export interface ListedSet {
  path: (string | number)[];
  set: NonNullable<Experiment["source"]>;
}

/** The data sets that a file lists, with their places. */
export function listedSets({ datasets, source, targets }: Experiment): ListedSet[] {
  const inList = (key: "datasets" | "targets", sets: Experiment["datasets"]): ListedSet[] =>
    (sets ?? []).map((set, i) => ({ path: [key, i], set }));
  return [
    ...inList("datasets", datasets),
    ...(source === null ? [] : [{ path: ["source"], set: source }]),
    ...inList("targets", targets),
  ];
}

function unknownSet({ path, set }: ListedSet): ExperimentProblem[] {
  const name = typeof set === "string" ? set : set.dataset;
  if (name !== "folder")
    return caught(
      () => publishedSet(set),
      (message) => ({
        path: typeof set === "string" ? path : [...path, "dataset"],
        message: message.replace(/^data\.dataset: /, ""),
      }),
    );
  if (typeof set !== "string") return [];
  return [{ path, message: 'a folder of your own is given as { "root": "path" }, not by name' }];
}

/** What is wrong with "config" by itself. */
function configProblems(loaded: LoadedExperiment): ExperimentProblem[] {
  const { experiment, file } = loaded;
  const { config } = experiment;
  const at = (path: Keys): Keys => ["config", ...path];
  const locate = (path: readonly PropertyKey[]): string => JSON.stringify(at(path as Keys));
  return [
    ...refused(loaded, [], (path) => (has(config, path) ? at(path) : ["config"])),
    ...caught(() => parseSettings(config, "", file, locate), located),
  ];
}

function methodProblems(loaded: LoadedExperiment, index: number): ExperimentProblem[] {
  const { experiment } = loaded;
  const at = ["methods", index];
  let variants: Variant[];
  try {
    variants = variantsOf({ ...experiment, methods: [experiment.methods[index]!] });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const key = /sweep: "([^"]+)"/.exec(error.message)?.[1];
    const message = error.message.replace("methods[0]", `methods[${index}]`);
    return [{ path: key === undefined ? at : [...at, "sweep", key], message }];
  }
  const place = placeOf(experiment, index);
  return variants.flatMap((variant) => {
    const own = { ...variant, source: `methods[${index}]` };
    const exact = exactPlaceOf(experiment, index, variant);
    const locate = (path: readonly PropertyKey[]): string => JSON.stringify(exact(path as Keys));
    const alone = { ...loaded, experiment: { ...experiment, config: {} } };
    return [
      ...refused(alone, [own], place),
      ...caught(() => anyConfig(loaded, own, locate), located),
    ];
  });
}

/** What `refuseSettings` says of settings that are not theirs to give. */
function refused(
  { experiment, file }: LoadedExperiment,
  variants: readonly Variant[],
  place: (path: Keys) => Keys,
): ExperimentProblem[] {
  const shots = experiment.shots ?? [16];
  return caught(
    () => refuseSettings(experiment.config, variants, shots, file),
    (said) => {
      const message = said.replace(`${basename(file)}: `, "");
      const name = / sets ([\w.]+)/.exec(message)?.[1] ?? "";
      return { path: place(name.split(".")), message };
    },
  );
}

/** A data set in the place of the experiment's own, which may not exist. */
const anySet: ChosenSet = {
  name: "any",
  title: "any",
  published: null,
  dataset: "folder",
  root: ".",
  template: "{}",
};

function anyConfig(
  { experiment, file }: LoadedExperiment,
  variant: Variant,
  locate?: (path: readonly PropertyKey[]) => string,
) {
  const shots = experiment.shots?.[0] ?? 16;
  const making = { experiment, file, variant, set: anySet, targets: [], shots, seed: 1 };
  return configOf(making, locate).config;
}

/** Two methods of the same settings would be one run under two names. */
function twinMethods(loaded: LoadedExperiment): ExperimentProblem[] {
  const known = new Map<string, string>();
  return variantsOf(loaded.experiment).flatMap((variant): ExperimentProblem[] => {
    const key = `${variant.preset === "zero-shot"} ${digitsOf(anyConfig(loaded, variant))}`;
    const twin = known.get(key);
    known.set(key, variant.name);
    if (twin === undefined) return [];
    const message = `the methods "${twin}" and "${variant.name}" have the same settings; take one of them out`;
    return [{ path: ["methods", indexOf(variant)], message }];
  });
}

function inPlace(
  path: ExperimentProblem["path"],
  { file }: LoadedExperiment,
  work: () => unknown,
): ExperimentProblem[] {
  return caught(work, (message) => ({ path, message: message.replace(`${basename(file)}: `, "") }));
}

/** The problem of a sentence that begins with its place as JSON. */
function located(sentence: string): ExperimentProblem {
  const [, path, message] = /^(\[.*?\]): (.*)$/.exec(sentence) ?? [null, "[]", sentence];
  return { path: JSON.parse(path) as Keys, message: message };
}

/** What the user's mistakes in doing something are, a problem for each of its sentences. */
function caught(
  work: () => unknown,
  problemOf: (sentence: string) => ExperimentProblem,
): ExperimentProblem[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.split("\n").map(problemOf);
  }
}

/** What is wrong in "config" is wrong for every method; it is said once. */
function distinct(problems: readonly ExperimentProblem[]): ExperimentProblem[] {
  const told = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...told.values()];
}
