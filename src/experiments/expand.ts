import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { dataRoot } from "../data/dataRoot";
import { locateDataSet } from "../data/locate";
import { findDataSet } from "../data/sets/index";
import type { Config } from "../protocol/config";
import type { Experiment } from "../protocol/experiment";
import type { Cell } from "../protocol/experimentRecord";
import { resolveSetting } from "../protocol/resolveSetting";
import { parseWritten, type WrittenConfig } from "../protocol/parseConfig";
import { UserError } from "../util/errors";
import { chosenSets, type ChosenSet } from "./chosenSets";
import type { LoadedExperiment } from "./loadExperiment";
import {
  merge,
  methodKind,
  type Settings,
  type Variant,
  variantsOf,
  whatZeroShotTakes,
} from "./methods";
import { folderPlace, listIn, refuseSettings, refuseTwins } from "./refusals";

/** A cell of an experiment with the configuration of its run, which has yet to be found or made. */
export interface PlannedCell extends Omit<Cell, "run">, WrittenConfig {
  /** What the run's folder is called after its time: the same cell has the same name whenever it is expanded. */
  name: string;
  /** What the run is found by: the end of its name. */
  identity: string;
}

/** An experiment as runs. */
export interface Plan {
  experiment: Experiment;
  file: string;
  variants: Variant[];
  trained: ChosenSet[];
  targets: ChosenSet[];
  shots: number[];
  /** One data set after the other, its zero-shot first, then seed by seed. */
  cells: PlannedCell[];
}

/** Expands an experiment. The same file gives the same names; more seeds, methods or data sets leave the others' as they are. */
export function expandExperiment({ experiment, file }: LoadedExperiment): Plan {
  const variants = inFile(file, () => variantsOf(experiment));
  const { trained, targets } = inFile(file, () => chosenSets(experiment));
  const shots = shotsOf(experiment);
  refuseSettings(experiment.config, variants, shots, file);
  // By itself first, so that what is wrong with it is not said of a method.
  parseSettings(experiment.config, `${basename(file)}, config`, file);
  const make = (variant: Variant, set: ChosenSet, count: number, seed: number): PlannedCell =>
    plannedCell(configOf({ experiment, file, variant, set, targets, shots: count, seed }), {
      variant,
      set,
      experiment,
    });
  const cells = trained.flatMap((set) => [
    // CLIP without adapters depends on neither seed nor shots: one run measures it.
    ...variants
      .filter(({ preset }) => preset === "zero-shot")
      .map((variant) => make(variant, set, 1, 1)),
    ...shots.flatMap((count) =>
      experiment.seeds.flatMap((seed) =>
        variants
          .filter(({ preset }) => preset !== "zero-shot")
          .map((variant) => make(variant, set, count, seed)),
      ),
    ),
  ]);
  refuseTwins(cells, file);
  return { experiment, file, variants, trained, targets, shots, cells };
}

/** The numbers of training images per class. */
export function shotsOf({ shots, protocol }: Experiment): number[] {
  return shots ?? (protocol === "few-shot" ? [1, 2, 4, 8, 16] : [16]);
}

/** Lets the user's mistakes name the experiment's file. */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${basename(file)}: ${error.message}`);
    throw error;
  }
}

export interface Making {
  experiment: Experiment;
  file: string;
  variant: Variant;
  set: ChosenSet;
  targets: readonly ChosenSet[];
  shots: number;
  seed: number;
}

/**
 * The configuration of one run: the experiment's settings, the method's over them, then what the cell is.
 */
export function configOf({
  experiment,
  file,
  variant,
  set,
  targets,
  shots,
  seed,
}: Making): WrittenConfig {
  const written = merge(experiment.config, variant.settings);
  const measuring = variant.preset === "zero-shot";
  const { dataset, root, template } = set;
  const list = listOf(written, { dataset: set.name, shots, seed });
  const settings = merge(measuring ? whatZeroShotTakes(written) : written, {
    name: "cell",
    protocol: experiment.protocol === "base-to-novel" ? "base-to-novel" : "all",
    seed,
    data: { dataset, root, template, shots, ...(measuring || list === null ? {} : { list }) },
    evaluation: {
      zeroShot: measuring,
      targets: targets.map((target) => ({
        name: target.name,
        dataset: target.dataset,
        root: target.root,
        template: target.template,
      })),
    },
    ...(measuring ? { training: { steps: 0 } } : {}),
  });
  const where = `${basename(file)}, ${variant.source} (with "config")`;
  return parseSettings(settings, where, file);
}

/** Settings as a configuration; relative paths in them count from the experiment's file. */
export function parseSettings(settings: Settings, where: string, file: string): WrittenConfig {
  return parseWritten(JSON.stringify(settings), where, {
    resolvePath: (setting, path) => resolveSetting(setting, path, dirname(file)),
    locate: () => where,
  });
}

/** `data.list` of one run: "{dataset}", "{shots}" and "{seed}" in it stand for those of the run. */
function listOf(
  settings: Settings,
  cell: { dataset: string; shots: number; seed: number },
): string | null {
  const list = listIn(settings);
  if (list === null) return null;
  return list.replaceAll(/\{(dataset|shots|seed)\}/g, (_, key: keyof typeof cell) =>
    String(cell[key]),
  );
}

/** The data of a run with its list in the data set's folder, where it is to lie there. */
function withListInFolder(data: Config["data"], set: ChosenSet): Config["data"] {
  const at = data.list?.indexOf(folderPlace) ?? -1;
  if (data.list === null || at < 0) return data;
  const folder = folderOf(set);
  if (folder === null) return data;
  return { ...data, list: join(folder, data.list.slice(at + folderPlace.length)) };
}

/** The folder of a data set on this machine; null where it cannot be found: the run will say what is missing. */
function folderOf({ dataset, root }: ChosenSet): string | null {
  try {
    const given = dataRoot({ dataset, root });
    return dataset === "folder" ? given : locateDataSet(findDataSet(dataset), given);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function plannedCell(
  { config, given }: WrittenConfig,
  { variant, set, experiment }: Pick<Making, "variant" | "set" | "experiment">,
): PlannedCell {
  const measuring = variant.preset === "zero-shot";
  const kind = methodKind(variant.preset, config);
  const { shots } = config.data;
  const how = measuring ? kind : `${shots}shot-seed${config.seed}-${kind}`;
  // The name is the same wherever the data lies, and whether or not it is there at present.
  const identity = `${how}-${digitsOf(config)}`;
  const name = `${set.name}-${experiment.protocol}-${identity}`;
  return {
    name,
    identity,
    config: { ...config, name, data: withListInFolder(config.data, set) },
    given,
    method: variant.name,
    dataset: set.name,
    shots: measuring ? null : shots,
    seed: measuring ? null : config.seed,
  };
}

/**
 * Eight digits of a hash over everything that the run's training depends on (within rounding), and nothing else. It may be measured
 * on more data sets later, so these are no part of it.
 */
export function digitsOf(config: Config): string {
  const { model, data, protocol, seed, lora, glad, optimizer, training, evaluation } = config;
  const { steps, batchSize, precision, augment, maxNonFiniteSteps } = training;
  const { zeroShot, earlyStop, every } = evaluation;
  // Targets were a part once: runs without any are found by the digits that they were given then.
  const targets: [] = [];
  const numbers = {
    ...{ model, data, protocol, seed, lora, glad, optimizer, targets, zeroShot, earlyStop },
    training: { steps, batchSize, precision, augment, maxNonFiniteSteps },
    // When it is measured decides when the plateau rule ends the run.
    every: earlyStop === null ? null : every,
  };
  return createHash("sha256").update(JSON.stringify(numbers)).digest("hex").slice(0, 8);
}
