import { settingNames } from "./configFields";

/** Settings that an experiment itself gives to its runs, with what gives them. */
export const givenByExperiment: readonly [path: string, by: string][] = [
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

/** As `givenByExperiment`, of what a method can set. */
export const givenToMethods: typeof givenByExperiment = [
  ...givenByExperiment,
  ["output", 'the one in "config"'],
];

/** Settings and sections that a run's numbers do not depend on: a sweep over one would make the same run of each value. */
const withoutEffect = [
  "$schema",
  "output",
  "device",
  "threads",
  "checkpoints",
  "training.microBatchSize",
  "training.classChunkSize",
  "training.memoryBudgetMiB",
  "evaluation.perClass",
  "evaluation.confusion",
  "evaluation.pixelCacheMiB",
];

/** The settings that a method's sweep can go through, by their dotted names. */
export function sweptNames(): string[] {
  const others = [...givenByExperiment.map(([path]) => path), ...withoutEffect];
  return settingNames().filter(
    (name) => !others.some((other) => name === other || name.startsWith(`${other}.`)),
  );
}
