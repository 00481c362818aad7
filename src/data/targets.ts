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
  const resolved = targets.map((target) => {
    const root = dataRoot(target);
    const { dataset } = target;
    const name = target.name ?? (dataset === "folder" ? basename(root) : dataset);
    const prompt = promptTemplate({ dataset, template: target.template ?? template });
    return { ...target, root, name, template: prompt };
  });
  const names = resolved.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return resolved;
  throw new UserError(
    `evaluation.targets: two of them are called "${twice}"; give one of them another "name"`,
  );
}

/** Adds the whole test split of every target to what a run measures, each with its own classes and prompt. */
export function withTargets(
  opened: OpenedData,
  targets: readonly ResolvedTarget[],
  read: ReadData = readData,
): OpenedData {
  const notes = [...opened.notes];
  const measured = targets.map(({ name, template, ...named }) => {
    const { value, notes: said } = read(named);
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
    const target = targets.find((each) => each.name === name);
    if (name === null || !target) return evaluation;
    const { template } = target;
    return {
      ...evaluation,
      imageRoot: readImageRoot(target),
      ...(template === null ? {} : { template }),
    };
  });
  return { ...opened, evaluations };
}
