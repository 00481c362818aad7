import { findDataSet } from "../data/sets/index";
import type { ExperimentRecord, NamedSet } from "../protocol/experimentRecord";
import { targetSplit } from "../protocol/splits";
import { defaultOf, same } from "./changedSettings";
import type { CellResult } from "./collect";
import {
  published,
  publishedModel,
  type PublishedMethod,
  publishedSeeds,
  publishedShots,
} from "./published";

/** One sentence for each way in which the setting differs from that of the published rows that are `shown`. */
export function settingWarnings(
  record: ExperimentRecord,
  results: readonly CellResult[],
  shown: readonly string[],
): string[] {
  if (shown.length === 0) return [...otherImages(record, results), ...otherClassNames(record)];
  const compared = record.methods.flatMap((method) => {
    const row = published.find(
      (each) => each.protocol === record.protocol && each.counterpart === method.kind,
    );
    return row && shown.includes(row.method) ? [{ method, row }] : [];
  });
  return [
    ...ofTheExperiment(record),
    ...otherImages(record, results),
    ...otherClassNames(record),
    ...compared.flatMap(({ method, row }) => [
      ...otherPrompt(method, row, record),
      ...otherSettings(method, row, record),
    ]),
  ];
}

type Method = ExperimentRecord["methods"][number];

function ofTheExperiment({ protocol, model, shots, seeds, methods }: ExperimentRecord): string[] {
  const differs: string[] = [];
  const models = [...new Set(methods.map((method) => method.model ?? model))];
  const others = models.filter((each) => !publishedModel.test(each));
  if (others.length > 0) differs.push(`OpenAI's CLIP ViT-B/16, here ${others.join(" and ")}`);
  if (protocol !== "few-shot" && shots[0] !== publishedShots)
    differs.push(`${publishedShots} shots, here ${shots[0]}`);
  if ([...seeds].sort((a, b) => a - b).join() !== publishedSeeds.join())
    differs.push(`seeds ${publishedSeeds.join(", ")}, here ${seeds.join(", ")}`);
  return differs.map(
    (difference) => `Published numbers are with ${difference}: differences to them compare unlike.`,
  );
}

/** Data sets of a published name that were measured on another number of images. */
function otherImages(
  { datasets, targets }: ExperimentRecord,
  results: readonly CellResult[],
): string[] {
  const told = (set: NamedSet, splits: readonly string[]): string[] => {
    if (set.published === null) return [];
    const known = findDataSet(set.published).published.test;
    const totals = results
      .filter(({ cell }) => targets.includes(set) || cell.dataset === set.name)
      .flatMap(({ splits: counts }) => {
        const found = splits.flatMap((split) => counts?.[split]?.total ?? []);
        return found.length === 0 ? [] : [found.reduce((sum, total) => sum + total, 0)];
      });
    const other = totals.find((total) => total !== known);
    const number = (count: number): string => count.toLocaleString("en-US");
    return other === undefined ? [] : [`${set.title} ${number(other)} of ${number(known)}`];
  };
  const different = [
    ...datasets.flatMap((set) => told(set, ["all", "base", "novel"])),
    ...targets.flatMap((set) => told(set, [targetSplit(set.name)])),
  ];
  return different.length === 0
    ? []
    : [`Not measured on as many test images as are published: ${different.join(", ")}.`];
}

/** Data sets of a published name whose classes are called otherwise: a prompt is made of a class's name. */
function otherClassNames({ datasets, targets }: ExperimentRecord): string[] {
  const different = [...datasets, ...targets].flatMap(
    ({ title, published: set, otherNames = 0 }) =>
      set === null || otherNames === 0
        ? []
        : [`${title} ${otherNames} of ${findDataSet(set).published.classes}`],
  );
  return different.length === 0
    ? []
    : [`Not all classes are named as published: ${different.join(", ")}.`];
}

function otherPrompt(
  { name }: Method,
  { method, template }: PublishedMethod,
  { templates }: ExperimentRecord,
): string[] {
  if (template === null || template === templates) return [];
  const theirs = template === "dataset" ? "each data set's own prompt" : "one prompt for all";
  const ours =
    templates === "clip-lora"
      ? "one prompt for all"
      : templates === "dataset"
        ? "each data set's own"
        : `"${templates}"`;
  return [`Published ${method} is with ${theirs}, ${name} here with ${ours}.`];
}

/** Training that is not as published. */
function otherSettings(
  { name, kind, changed = {} }: Method,
  { method, settings = {} }: PublishedMethod,
  { shots }: ExperimentRecord,
): string[] {
  if (kind === "zero-shot") return [];
  const known = Object.keys(settings ?? {});
  const differing = [...new Set([...known, ...Object.keys(changed)])]
    // Plain LoRA does not look at GLAD's settings.
    .filter((setting) => !(kind === "lora" && setting.startsWith("glad.")))
    .map((setting) => ({
      setting,
      theirs: settings?.[setting] ?? defaultOf(setting),
      ours: changed[setting] ?? defaultOf(setting),
    }))
    .filter(({ setting, theirs, ours }) =>
      setting === "training.steps" ? !sameSteps(theirs, ours, shots) : !same(theirs, ours),
    );
  if (differing.length === 0) return [];
  const list = (side: "theirs" | "ours"): string =>
    differing.map((each) => `${each.setting} ${shown(each.setting, each[side])}`).join(", ");
  return [
    settings === null
      ? `With which settings published ${method} was trained is not known in full; ${name} here is with ${list("ours")}, by default ${list("theirs")}.`
      : `Published ${method} is with ${list("theirs")}; ${name} here with ${list("ours")}.`,
  ];
}

/** Steps are a number, or null or a text that says how many there are for each shot. */
function sameSteps(theirs: unknown, ours: unknown, shots: readonly number[]): boolean {
  const perShot = (value: unknown): number | null => {
    if (typeof value === "number") return shots.length === 1 ? value / shots[0]! : null;
    return parseInt(shown("training.steps", value), 10);
  };
  return perShot(theirs) === perShot(ours);
}

function shown(setting: string, value: unknown): string {
  if (setting === "training.steps" && value === null) return "500 x shots";
  return typeof value === "string" ? value : JSON.stringify(value);
}
