import { basename } from "node:path";
import type { Config } from "../protocol/config";
import { targetName, targetSplit } from "../protocol/splits";
import { UserError } from "../util/errors";
import { dataRoot, promptTemplate } from "./dataRoot";
import { type OpenedData, requireImagesOfAll } from "./openData";
import { readData, type ReadData, readImageRoot } from "./readData";

type Target = Config["evaluation"]["targets"][number];

/** A target with nothing left that the machine or the user's settings could change later. */
export interface ResolvedTarget extends Target {
  root: string;
  name: string;
  template: string;
}

/** Resolves `evaluation.targets`: absolute roots, names that differ, prompts as text. `template` is `data.template`. */
export function resolveTargets(targets: readonly Target[], template: string): ResolvedTarget[] {
  const resolved = targets.map((target, i) => resolveTarget(target, template, i));
  const names = resolved.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return resolved;
  throw new UserError(
    `evaluation.targets: two of them are called "${twice}"; give one of them another "name"`,
  );
}

/** Resolves the target at `index` alone. */
export function resolveTarget(target: Target, template: string, index: number): ResolvedTarget {
  return inWordsOfTarget(index, () => {
    const root = dataRoot(target);
    const { dataset } = target;
    const name = target.name ?? (dataset === "folder" ? basename(root) : dataset);
    const prompt = promptTemplate({ dataset, template: target.template ?? template });
    return { ...target, root, name, template: prompt };
  });
}

/** What is wrong with a target names its settings: who reads data sets speaks of those of the run's own. */
function inWordsOfTarget<T>(index: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof UserError)
      error.message = error.message.replace(
        /(^| as )data\./,
        (_, before: string) => `${before}evaluation.targets[${index}].`,
      );
    throw error;
  }
}

/**
 * Adds the whole test split of every target to what a run measures, each with its own classes and prompt. `places` are their places
 * in `evaluation.targets`, where these are not all.
 */
export function withTargets(
  opened: OpenedData,
  targets: readonly ResolvedTarget[],
  read: ReadData = readData,
  places: readonly number[] = [...targets.keys()],
): OpenedData {
  const notes = [...opened.notes];
  const measured = targets.map(({ name, template, ...named }, i) => {
    const { value, notes: said } = inWordsOfTarget(places[i]!, () => read(named));
    // Each names its folder.
    notes.push(...said);
    const { classNames, test, imageRoot } = value;
    return { split: targetSplit(name), classNames, samples: test, imageRoot, template };
  });
  const own = opened.evaluations.filter(({ split }) => split !== "val");
  const val = opened.evaluations.filter(({ split }) => split === "val");
  const all = { ...opened, evaluations: [...own, ...measured, ...val], notes };
  requireImagesOfAll(all);
  return all;
}

/** Gives the frozen splits of targets their image roots and prompts again. */
export function withTargetRoots(opened: OpenedData, targets: readonly Target[]): OpenedData {
  const evaluations = opened.evaluations.map((evaluation) => {
    const name = targetName(evaluation.split);
    const index = targets.findIndex((each) => each.name === name);
    const target = targets[index];
    if (name === null || !target) return evaluation;
    const { template } = target;
    return {
      ...evaluation,
      imageRoot: inWordsOfTarget(index, () => readImageRoot(target)),
      ...(template === null ? {} : { template }),
    };
  });
  return { ...opened, evaluations };
}
