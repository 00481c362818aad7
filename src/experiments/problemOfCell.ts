import { mendShots } from "../data/fewShot";
import type { ConfigFinding, ConfigFix } from "../protocol/configFinding";
import type { Experiment } from "../protocol/experiment";
import { type ExperimentProblem, listedSets } from "./checkExperiment";
import { chosenSets, toldName } from "./chosenSets";
import { type Plan, type PlannedCell, shotsOf } from "./expand";
import { variantsOf } from "./methods";
import { ofDataSet } from "./ofDataSet";
import { exactPlaceOf, indexOf, type Keys } from "./placeOf";

/** A problem with what mends it. */
export interface MendableProblem extends ExperimentProblem {
  fixes: ConfigFix[];
  /** "note" where it is no mistake; a problem otherwise. */
  state?: ConfigFinding["state"];
  ofStaleRuns?: ConfigFinding["ofStaleRuns"];
}

/**
 * What was found of a cell's configuration, as a problem of the experiment's file: it names, marks and mends what was
 * written there, of which the configuration's settings were made.
 */
export function problemOfCell(
  experiment: Experiment,
  cell: PlannedCell,
  finding: ConfigFinding,
): MendableProblem {
  const { setting } = finding;
  const target = /^evaluation\.targets\.(\d+)$/.exec(setting)?.[1];
  if (target !== undefined) return ofTarget(experiment, cell, finding, Number(target));
  const problem =
    setting === "data.shots"
      ? ofShots(experiment, cell, finding)
      : setting === "data.root" || setting === "data.dataset"
        ? ofTrainedSet(experiment, cell, finding)
        : ofSetting(experiment, cell, finding);
  // A model or a processor is the same for all data sets and methods.
  const whose =
    setting === "model" || setting === "device"
      ? ""
      : `${cell.method} on ${toldName(chosenSets(experiment), cell.dataset)}: `;
  return { ...problem, message: whose + problem.message };
}

/** Of a data set that every run is measured on besides, whatever it is trained on. */
function ofTarget(
  experiment: Experiment,
  { config }: PlannedCell,
  { message }: ConfigFinding,
  index: number,
): MendableProblem {
  const { name, root } = config.evaluation.targets[index]!;
  const told = toldName(chosenSets(experiment), name!);
  const path = experiment.targets === null ? whereUnlisted(experiment) : ["targets", index];
  const fixes: ConfigFix[] = root === null ? [] : [{ kind: "checkData", root }];
  return { path, message: `target ${told}: ${ofDataSet(message)}`, fixes };
}

/** What decides where a data set lies that the file does not list. */
function whereUnlisted({ root }: Experiment): Keys {
  return root === null ? ["protocol"] : ["root"];
}

/** Where the file lists one of its data sets, by the name that runs have for it; the whole where it lists none. */
export function placeOfSet({ experiment, trained, targets }: Plan, name: string): Keys {
  const { datasets, source } = experiment;
  const position = trained.findIndex((set) => set.name === name);
  if (position >= 0) return datasets ? ["datasets", position] : source ? ["source"] : [];
  const target = targets.findIndex((set) => set.name === name);
  return target >= 0 && experiment.targets ? ["targets", target] : [];
}

function listedPlace(experiment: Experiment, { dataset, config }: PlannedCell): Keys | null {
  const found = listedSets(experiment).find(({ path, set }) => {
    if (path[0] === "targets") return false;
    if (typeof set === "string") return [dataset, config.data.dataset].includes(set);
    return set.name === dataset || (set.root !== null && set.root === config.data.root);
  });
  return found?.path ?? null;
}

function ofTrainedSet(
  experiment: Experiment,
  cell: PlannedCell,
  { message, fixes }: ConfigFinding,
): MendableProblem {
  const path = listedPlace(experiment, cell) ?? whereUnlisted(experiment);
  const said = ofDataSet(message).replace(/^data\.dataset(?=: )/, () => String(path[0]));
  // An experiment has no `data.root`: its data sets have their own.
  return { path, message: said, fixes: fixes.filter(({ kind }) => kind !== "chooseImages") };
}

/** Too few images of a class: "shots" is a list here, and null in it does not stand for all images. */
function ofShots(
  experiment: Experiment,
  cell: PlannedCell,
  { message, fixes }: ConfigFinding,
): MendableProblem {
  const asked = shotsOf(experiment);
  const numbers = fixes.flatMap((fix) => (fix.kind === "set" ? fix.values["data.shots"] : []));
  const most = numbers.find((value): value is number => typeof value === "number") ?? 0;
  const fitting = asked.filter((count) => count <= most);
  const instead = fitting.length > 0 ? fitting : [most];
  const many = experiment.protocol === "few-shot";
  const mend =
    most > 0
      ? `set it to a list of ${many ? "numbers" : "one number"} of at most ${most}, e.g. [${instead.join(", ")}]`
      : "give the class images, or take the data set out";
  const { shots } = experiment;
  const start = shots === null ? `shots is left out, which takes ${asked.join(", ")}` : "shots";
  return {
    path: shots === null ? (listedPlace(experiment, cell) ?? []) : ["shots"],
    message: message.replace(/^data\.shots(?=: )/, start).replace(mendShots(most), mend),
    fixes: most > 0 ? [{ kind: "set", values: { shots: instead } }] : [],
  };
}

/** Of a setting that "config", a method or its sweep gives, or the defaults. */
function ofSetting(
  experiment: Experiment,
  cell: PlannedCell,
  { setting, message, fixes }: ConfigFinding,
): MendableProblem {
  const variant = variantsOf(experiment).find(({ name }) => name === cell.method)!;
  const place = exactPlaceOf(experiment, indexOf(variant), variant);
  const at = place(setting.split("."));
  return {
    path: isWritten(at) ? at : [],
    message,
    fixes: fixes.flatMap((fix) => fixInFile(fix, (name) => place(name.split(".")))),
  };
}

/** Whether a place is that of a setting, and not of a method that leaves it out. */
function isWritten([first, , where]: Keys): boolean {
  return first === "config" || where !== undefined;
}

/** A fix with the places in the experiment's file; none where a sweep has the setting, of which one value cannot be all. */
function fixInFile(fix: ConfigFix, placeOf: (setting: string) => Keys): ConfigFix[] {
  if (fix.kind !== "set" && fix.kind !== "remove") return [fix];
  const names = fix.kind === "set" ? Object.keys(fix.values) : fix.settings;
  const places = names.map((name): [string, Keys] => [name, placeOf(name)]);
  if (places.some(([, place]) => place.includes("sweep"))) return [];
  // What stands nowhere is set for all.
  const inFile = places.map(([name, place]) =>
    isWritten(place) ? place.join(".") : `config.${name}`,
  );
  if (fix.kind === "remove") return [{ kind: "remove", settings: inFile }];
  const values = Object.values(fix.values);
  return [{ kind: "set", values: Object.fromEntries(inFile.map((name, i) => [name, values[i]])) }];
}
