import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import type { Config } from "../protocol/config";
import type { Cell, Experiment, MethodPreset } from "../protocol/experiment";
import { resolveSetting } from "../protocol/loadConfig";
import { parseWritten, type WrittenConfig } from "../protocol/parseConfig";
import { UserError } from "../util/errors";
import { chosenSets, type ChosenSet } from "./chosenSets";
import type { LoadedExperiment } from "./loadExperiment";
import { merge, type Settings, type Variant, variantsOf } from "./methods";

/** A cell of an experiment with the configuration of its run, which has yet to be found or made. */
export interface PlannedCell extends Omit<Cell, "run">, WrittenConfig {
  /** What the run's folder is called after its time: the same cell has the same name whenever it is expanded. */
  name: string;
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
  const shots = experiment.shots ?? (experiment.protocol === "few-shot" ? [1, 2, 4, 8, 16] : [16]);
  refuse(experiment.config, "config", file);
  for (const { settings, source } of variants) {
    refuse(settings, source, file);
    refuse(settings, source, file, [["output", 'the one in "config"']]);
  }
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

/** Lets the user's mistakes name the experiment's file. */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${basename(file)}: ${error.message}`);
    throw error;
  }
}

interface Making {
  experiment: Experiment;
  file: string;
  variant: Variant;
  set: ChosenSet;
  targets: readonly ChosenSet[];
  shots: number;
  seed: number;
}

/** The configuration of one run: the experiment's settings, the method's over them, then what the cell is. */
function configOf({ experiment, file, variant, set, targets, shots, seed }: Making): WrittenConfig {
  const written = merge(experiment.config, variant.settings);
  const measuring = variant.preset === "zero-shot";
  const { dataset, root, template } = set;
  const settings = merge(measuring ? whatZeroShotTakes(written) : written, {
    name: "cell",
    protocol: experiment.protocol === "base-to-novel" ? "base-to-novel" : "all",
    seed,
    data: { dataset, root, template, shots },
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
  return parseWritten(JSON.stringify(settings), where, {
    resolvePath: (setting, path) => resolveSetting(setting, path, dirname(file)),
    locate: () => where,
  });
}

/** Of the settings those that matter where nothing is trained, so that changing others measures nothing again. */
function whatZeroShotTakes({
  model,
  device,
  threads,
  output,
  data,
  evaluation,
}: Settings): Settings {
  const { skipUnreadable } = (data ?? {}) as Settings;
  const { perClass, confusion, pixelCacheMiB } = (evaluation ?? {}) as Settings;
  return defined({
    model,
    device,
    threads,
    output,
    data: defined({ skipUnreadable }),
    evaluation: defined({ perClass, confusion, pixelCacheMiB }),
  });
}

function defined(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function plannedCell(
  { config, given }: WrittenConfig,
  { variant, set, experiment }: Pick<Making, "variant" | "set" | "experiment">,
): PlannedCell {
  const measuring = variant.preset === "zero-shot";
  const kind = methodKind(variant.preset, config);
  const { shots } = config.data;
  const how = measuring ? kind : `${shots}shot-seed${config.seed}-${kind}`;
  const name = `${set.name}-${experiment.protocol}-${how}-${identity(config)}`;
  return {
    name,
    config: { ...config, name },
    given,
    method: variant.name,
    dataset: set.name,
    shots: measuring ? null : shots,
    seed: measuring ? null : config.seed,
  };
}

/** What a method is by the weight of its SAM gradient, whatever it is called. */
export function methodKind(preset: MethodPreset, { glad }: Pick<Config, "glad">): MethodPreset {
  if (preset === "zero-shot") return preset;
  if (glad.alpha === 0) return "lora";
  return glad.alpha === 1 ? "sam" : "glad";
}

/** Eight digits of a hash over everything that the run's numbers depend on (within rounding), and nothing else. */
function identity(config: Config): string {
  const { model, data, protocol, seed, lora, glad, optimizer, training, evaluation } = config;
  const { steps, batchSize, precision, augment, maxNonFiniteSteps } = training;
  const { targets, zeroShot, earlyStop, every } = evaluation;
  const numbers = {
    ...{ model, data, protocol, seed, lora, glad, optimizer, targets, zeroShot, earlyStop },
    training: { steps, batchSize, precision, augment, maxNonFiniteSteps },
    // When it is measured decides when the plateau rule ends the run.
    every: earlyStop === null ? null : every,
  };
  return createHash("sha256").update(JSON.stringify(numbers)).digest("hex").slice(0, 8);
}

/** Settings that the experiment itself gives to its runs, with what gives them. */
const givenByExperiment: readonly [path: string, by: string][] = [
  ["name", "its methods"],
  ["protocol", "protocol"],
  ["seed", "seeds"],
  ["data.root", "root"],
  ["data.dataset", "datasets, source and targets"],
  ["data.shots", "shots"],
  ["data.template", "templates"],
  ["evaluation.targets", "targets"],
  ["evaluation.zeroShot", "methods"],
];

function refuse(settings: Settings, source: string, file: string, given = givenByExperiment): void {
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

/** Two methods of the same settings would be one run under two names. */
function refuseTwins(cells: readonly PlannedCell[], file: string): void {
  const known = new Map<string, PlannedCell>();
  for (const cell of cells) {
    const twin = known.get(cell.name);
    if (twin)
      throw new UserError(
        `${basename(file)}: the methods "${twin.method}" and "${cell.method}" have the same settings (or a seed or shots are listed twice); take one of them out`,
      );
    known.set(cell.name, cell);
  }
}
