import { dirname } from "node:path";
import { dataRoot } from "../data/dataRoot";
import { locateDataSet, locateImageRoot, requireFolder } from "../data/locate";
import { findDataSet } from "../data/sets/index";
import type { Experiment } from "../protocol/experiment";
import { resolveSetting } from "../protocol/resolveSetting";
import { UserError } from "../util/errors";
import { type ExperimentProblem, listedSets } from "./checkExperiment";
import { type ChosenSet, chosenSets } from "./chosenSets";
import type { LoadedExperiment } from "./loadExperiment";
import { ofDataSet } from "./ofDataSet";

/**
 * What of an experiment's data is not where its file says: roots that are not there, data sets that are not below them. No
 * list is read and no image opened.
 */
export function checkExperimentData({ experiment }: LoadedExperiment): ExperimentProblem[] {
  if (experiment.root !== null && missingFolder(experiment.root))
    return [{ path: ["root"], message: `root: there is no folder ${experiment.root}` }];
  const listed = listedSets(experiment);
  const problems = listed.flatMap(({ path, set }): ExperimentProblem[] => {
    const own = typeof set === "string" ? null : set.root;
    if (own !== null && missingFolder(own))
      return [{ path: [...path, "root"], message: `root: there is no folder ${own}` }];
    const { trained } = chosenSets({ ...alone(experiment), datasets: [set] });
    const message = whyMissing(trained[0]!);
    return message === null ? [] : [{ path, message }];
  });
  return [...problems, ...unlisted(experiment)];
}

/** An experiment without data sets of its own, to ask for one after the other. */
function alone(experiment: Experiment): Experiment {
  return { ...experiment, protocol: "few-shot", source: null, targets: null };
}

/** Of the data sets that a protocol takes where the file lists none, those that are missing, in one sentence. */
function unlisted(experiment: Experiment): ExperimentProblem[] {
  const { trained, targets } = chosenSets(experiment);
  const { datasets, source } = experiment;
  const own =
    (experiment.protocol === "few-shot" || experiment.protocol === "base-to-novel") && datasets;
  const taken = [
    ...(own || source ? [] : trained),
    ...(experiment.targets === null ? targets : []),
  ];
  const missing = taken.filter((set) => whyMissing(set) !== null);
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name).join(", ");
  const where =
    experiment.root === null
      ? `no folder is known (give "root", or \`glad data root PATH\`)`
      : `${experiment.root} does not hold them`;
  const path = experiment.root === null ? ["protocol"] : ["root"];
  const message = `of the ${taken.length} data sets that ${experiment.protocol} takes, ${missing.length} were not found, ${where}: ${names}`;
  return [{ path, message }];
}

/** Why a data set cannot be read where it should lie; null where it can. */
function whyMissing({ dataset, root }: ChosenSet): string | null {
  try {
    const folder = dataRoot({ dataset, root });
    if (dataset === "folder") requireFolder(folder);
    else {
      const set = findDataSet(dataset);
      locateImageRoot(set, locateDataSet(set, folder));
    }
    return null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return ofDataSet(error.message);
  }
}

function missingFolder(folder: string): boolean {
  try {
    requireFolder(folder);
    return false;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return true;
  }
}

/** The models that an experiment's methods name, each with the place of its name. */
export function modelsOf({
  experiment,
  file,
}: LoadedExperiment): { path: ExperimentProblem["path"]; model: string }[] {
  const resolved = (model: unknown): string | null =>
    typeof model === "string" ? resolveSetting(["model"], model, dirname(file)) : null;
  const common = resolved(experiment.config.model);
  const own = experiment.methods.flatMap((method, i) => {
    if (typeof method === "string") return [];
    const written: [ExperimentProblem["path"], unknown][] = [
      [["set", "model"], method.set.model],
      ...(method.sweep.model ?? []).map((value, item): [ExperimentProblem["path"], unknown] => [
        ["sweep", "model", item],
        value,
      ]),
    ];
    return written.flatMap(([place, value]) => {
      const model = resolved(value);
      return model === null ? [] : [{ path: ["methods", i, ...place], model }];
    });
  });
  return [...(common === null ? [] : [{ path: ["config", "model"], model: common }]), ...own];
}
