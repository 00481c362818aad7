import { basename } from "node:path";
import type { Experiment } from "../protocol/experiment";
import { givenByExperiment } from "../protocol/experimentSettings";
import { type Fault, FaultyText, type Mend } from "../protocol/fault";
import { UserError } from "../util/errors";
import { atOnce, type Turns } from "../util/turns";
import { chosenSets, type ChosenSet, publishedSet } from "./chosenSets";
import { configOf, digitsOf, parseSettings } from "./expand";
import type { LoadedExperiment } from "./loadExperiment";
import { unknownSetting, type Variant, variantsOf } from "./methods";
import { exactPlaceOf, type Keys, placeOf } from "./placeOf";
import { configRefusals, methodRefusals, type Refusal } from "./refusals";

/** Something that is wrong with an experiment; of a key that is not there the path is that of where it is missing. */
export type ExperimentProblem = Fault;

/**
 * Everything that is wrong with an experiment which its schema cannot say, by the rules of expanding it: data sets and
 * settings that do not exist, settings that are the experiment's own, methods that are the same. No file is looked at
 * and no cell is made, so that an editor can ask while somebody types.
 */
export function checkExperiment(loaded: LoadedExperiment): ExperimentProblem[] {
  return atOnce(checkingExperiment(loaded));
}

/** As `checkExperiment`, method by method. */
export function* checkingExperiment(loaded: LoadedExperiment): Turns<ExperimentProblem[]> {
  const { experiment } = loaded;
  const { problems, made } = yield* checkingParts(loaded);
  if (problems.length > 0) return problems;
  const named = [
    ...inPlace(["methods"], loaded, () => variantsOf(experiment)),
    ...inPlace([experiment.datasets ? "datasets" : "targets"], loaded, () =>
      chosenSets(experiment),
    ),
  ];
  return named.length > 0 ? named : twinMethods(made);
}

/** What is wrong with the parts of an experiment, and the methods that have nothing wrong with them. */
interface CheckedParts {
  problems: ExperimentProblem[];
  made: MadeMethod[];
}

/** A method as one run of it. */
interface MadeMethod {
  name: string;
  /** Its place among the file's methods. */
  index: number;
  /** The same of methods whose runs are the same. */
  key: string;
}

/** As `checkingExperiment`, of each data set, of "config" and of each method by itself, and not of several together. */
export function* checkingParts(loaded: LoadedExperiment): Turns<CheckedParts> {
  const { experiment } = loaded;
  const problems = [...listedSets(experiment).flatMap(unknownSet), ...configProblems(loaded)];
  const made: MadeMethod[] = [];
  for (const index of experiment.methods.keys()) {
    yield;
    const found = yield* checkingMethod(loaded, index);
    problems.push(...found.problems);
    made.push(...found.made);
  }
  return { problems: distinct(problems), made };
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
  if (name === "folder") {
    if (typeof set !== "string") return [];
    return [{ path, message: 'a folder of your own is given as { "root": "path" }, not by name' }];
  }
  return caught(
    () => publishedSet(set),
    (sentence) => {
      const near = /the nearest is "([^"]+)"/.exec(sentence)?.[1];
      const isFolder = /a folder of your own is given as/.test(sentence);
      const meant = isFolder ? { root: name } : near;
      return {
        path: typeof set === "string" ? path : [...path, "dataset"],
        message: sentence.replace(/^data\.dataset: /, ""),
        mends: meant === undefined ? [] : [{ kind: "value", value: meant }],
      };
    },
  );
}

/** What is wrong with "config" by itself. */
function configProblems({ experiment, file }: LoadedExperiment): ExperimentProblem[] {
  const { config } = experiment;
  const at = (path: Keys): Keys => ["config", ...path];
  return [
    ...configRefusals(config, experiment.shots ?? [16]).map((refusal) => refused(refusal, at)),
    ...inConfig(() => parseSettings(config, "", file), at),
  ];
}

function* checkingMethod(loaded: LoadedExperiment, index: number): Turns<CheckedParts> {
  const { experiment } = loaded;
  const at = ["methods", index];
  const method = experiment.methods[index]!;
  const swept = typeof method === "string" ? {} : method.sweep;
  const unknown = Object.keys(swept).flatMap((key): ExperimentProblem[] => {
    const found = unknownSetting(key);
    if (found === null) return [];
    const { message, meant } = found;
    const isFree = meant !== null && !Object.hasOwn(swept, meant);
    return [
      {
        path: [...at, "sweep", key],
        ofKey: true,
        message: `methods[${index}].sweep: ${message}`,
        mends: [isFree ? { kind: "key", key: meant } : { kind: "leaveOut" }],
      },
    ];
  });
  const sweep = Object.fromEntries(
    Object.entries(swept).filter(([key]) => unknownSetting(key) === null),
  );
  const known = typeof method === "string" ? method : { ...method, sweep };
  let variants: Variant[];
  try {
    variants = variantsOf({ ...experiment, methods: [known] });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const key = /sweep: "([^"]+)"/.exec(error.message)?.[1];
    const message = error.message.replace("methods[0]", `methods[${index}]`);
    const path = key === undefined ? at : [...at, "sweep", key];
    return { problems: [...unknown, { path, message }], made: [] };
  }
  const place = placeOf(experiment, index);
  const shots = experiment.shots ?? [16];
  const problems = unknown;
  const made: MadeMethod[] = [];
  for (const found of variants) {
    yield;
    const variant = { ...found, source: `methods[${index}]` };
    const make = (): void => {
      const key = `${variant.preset === "zero-shot"} ${digitsOf(anyConfig(loaded, variant))}`;
      made.push({ name: variant.name, index, key });
    };
    problems.push(
      ...methodRefusals(variant, shots).map((refusal) => refused(refusal, place)),
      ...inConfig(make, exactPlaceOf(experiment, index, variant)),
    );
  }
  return { problems, made };
}

/** A setting that is not there to be given, which is taken out to mend it. */
function refused({ setting, message }: Refusal, place: (path: Keys) => Keys): ExperimentProblem {
  const path = place(setting.split("."));
  const canGo = path.at(-1) === setting.split(".").at(-1) || path.at(-1) === setting;
  return {
    path,
    message,
    mends: canGo && /take it out/.test(message) ? [{ kind: "leaveOut" }] : [],
  };
}

/** What is wrong with the configuration that some work makes of settings, at the places where these were written. */
function inConfig(work: () => unknown, place: (path: Keys) => Keys): ExperimentProblem[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof FaultyText)) throw error;
    return error.faults.map((fault) => {
      const path = place(fault.path);
      const given = givenInstead(fault);
      if (given !== null) return { ...fault, path, message: given, mends: [{ kind: "leaveOut" }] };
      const before = path.slice(0, path.length - fault.path.length);
      const isSection = [...before, ...fault.path].every((key, i) => key === path[i]);
      const isItem = path[2] === "sweep" && typeof path[4] === "number";
      const mends = (fault.mends ?? []).flatMap((mend): Mend[] => {
        // One of the values that a sweep goes through can be another one; it is no setting of its own.
        if (!isSection) return isItem && mend.kind === "value" ? [mend] : [];
        return [mend.kind === "move" ? { ...mend, to: [...before, ...mend.to] } : mend];
      });
      return { ...fault, path, mends };
    });
  }
}

/** What is said of a key in the wrong section, where the experiment itself gives the setting that it was meant for. */
function givenInstead({ path, meant }: Fault): string | null {
  const [setting, by] = givenByExperiment.find(([given]) => given === meant?.join(".")) ?? [];
  if (setting === undefined) return null;
  return `"${String(path.at(-1))}" is not a setting here, because the experiment gives ${setting} to its runs by ${by}; take it out`;
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

function anyConfig({ experiment, file }: LoadedExperiment, variant: Variant) {
  const shots = experiment.shots?.[0] ?? 16;
  const making = { experiment, file, variant, set: anySet, targets: [], shots, seed: 1 };
  return configOf(making).config;
}

/** Two methods of the same settings would be one run under two names. */
function twinMethods(made: readonly MadeMethod[]): ExperimentProblem[] {
  const known = new Map<string, string>();
  return made.flatMap(({ name, index, key }): ExperimentProblem[] => {
    const twin = known.get(key);
    known.set(key, name);
    if (twin === undefined) return [];
    const message = `the methods "${twin}" and "${name}" have the same settings; take one of them out`;
    return [{ path: ["methods", index], message }];
  });
}

function inPlace(
  path: ExperimentProblem["path"],
  { file }: LoadedExperiment,
  work: () => unknown,
): ExperimentProblem[] {
  return caught(work, (message) => ({ path, message: message.replace(`${basename(file)}: `, "") }));
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
  const told = new Map<string, ExperimentProblem>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.path, problem.message]);
    if (!told.has(key)) told.set(key, problem);
  }
  return [...told.values()];
}
