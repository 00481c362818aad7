import { getNodeValue } from "jsonc-parser/lib/esm/main.js";
import { dirname, resolve } from "node:path";
import type * as z from "zod";
import { type Field, fieldAt, phrase } from "../protocol/configFields";
import { dotted, meantValue } from "../protocol/configErrors";
import { type Experiment, experimentJsonSchema, experimentSchema } from "../protocol/experiment";
import { resolveSetting } from "../protocol/resolveSetting";
import { lineOf, parseText } from "../protocol/parseConfig";
import { UserError } from "../util/errors";
import { readTextFile } from "../util/jsonFile";
import { isSlip, nearest } from "../util/nearest";
import { once } from "../util/once";

/** An experiment as its file says it, and where that lies. */
export interface LoadedExperiment {
  experiment: Experiment;
  /** Absolute path of the file. */
  file: string;
}

/**
 * Loads an experiment file: JSON in which comments and commas at the end are allowed. Roots of data sets are made
 * absolute, counted from the file's folder. Everything that is wrong with it is told by one UserError.
 */
export function loadExperiment(file: string): LoadedExperiment {
  const path = resolve(file);
  const text = readTextFile(
    path,
    "the experiment",
    "check the path, or write one with a name and a protocol",
  );
  return { experiment: parseExperiment(text, file, dirname(path)), file: path };
}

/** The experiment that a text says; `file` names the text in errors, relative paths count from `folder`. */
export function parseExperiment(text: string, file: string, folder: string): Experiment {
  const tree = parseText(text, file);
  const value = getNodeValue(tree) as unknown;
  const parsed = experimentSchema.safeParse(value);
  if (!parsed.success) {
    const sentences = parsed.error.issues.flatMap((issue) => describe(deepest(issue), value));
    throw new UserError(
      sentences
        .map(({ path, text: said }) => `${file}${lineOf(text, tree, path)}: ${said}`)
        .join("\n"),
    );
  }
  const experiment = parsed.data;
  const [misplaced] = misplacedSettings(experiment);
  if (misplaced)
    throw new UserError(`${file}${lineOf(text, tree, [misplaced.key])}: ${misplaced.text}`);
  return withAbsoluteRoots(experiment, folder);
}

type Issue = z.core.$ZodIssue;
interface Sentence {
  path: PropertyKey[];
  text: string;
}

/** Of a union the part that got furthest. */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flat();
  const further = inner.find(({ path, code }) => path.length > 0 || code === "unrecognized_keys");
  return further ? deepest({ ...further, path: [...issue.path, ...further.path] }) : issue;
}

const schema = once(experimentJsonSchema);

function describe(issue: Issue, value: unknown): Sentence[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...path], key, value));
  const name = path.length === 0 ? "the experiment" : dotted(path);
  const found = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const field = fieldIn(path, value);
  const own = issue.code === "custom" || issue.code === "invalid_format";
  const expected = own || !field ? `but it ${issue.message}` : `expected ${phrase(field)}`;
  const meant = meantValue(found, issue, field);
  const mend = meant === null ? "change it" : `did you mean "${meant}"?`;
  const text =
    found === undefined
      ? `${name} is missing, ${expected}; give it`
      : `${name} is ${JSON.stringify(found)}, ${expected}; ${mend}`;
  return [{ path: [...path], text }];
}

/** The field at a path of the file; of the kinds of executor that which the file names. */
function fieldIn(path: readonly PropertyKey[], value: unknown): Field | undefined {
  let field: Field | undefined = schema();
  let at = value;
  for (const key of path) {
    field = field && fieldAt([key], kindOf(field, at));
    at = (at as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return field && kindOf(field, at);
}

function kindOf(field: Field, value: unknown): Field {
  const { oneOf: kinds } = field;
  if (!kinds) return field;
  const said = (value as { kind?: unknown } | null | undefined)?.kind;
  const own = kinds.find(({ properties }) => properties?.kind?.const === said);
  // Where none is named, all that can be said is what the kinds are.
  const kind = { anyOf: kinds.flatMap(({ properties }) => properties?.kind ?? []) };
  return own ?? { type: "object", properties: { kind } };
}

function unknownKey(path: PropertyKey[], key: string, value: unknown): Sentence {
  const field = fieldIn(path, value);
  const parts = field ? [field, ...(field.anyOf ?? [])] : [];
  const known = parts.flatMap(({ properties }) => Object.keys(properties ?? {}));
  const best = nearest(key, known);
  const hint =
    best && isSlip(key, best.distance)
      ? `did you mean "${best.name}"?`
      : `known are ${known.filter((name) => name !== "$schema").join(", ")}`;
  const where = path.length === 0 ? "an experiment" : dotted(path);
  return { path: [...path, key], text: `"${key}" is not a setting of ${where}; ${hint}` };
}

/** Settings that a protocol does not read, which would otherwise be passed over without a word, and what is there twice. */
function misplacedSettings(experiment: Experiment): { key: string; text: string }[] {
  const { protocol, datasets, source, targets, shots, seeds } = experiment;
  const trainsOnMany = protocol === "few-shot" || protocol === "base-to-novel";
  const found: { key: string; text: string }[] = [];
  const complain = (key: string, text: string): void => void found.push({ key, text });
  if (trainsOnMany && (source ?? targets) !== null) {
    const key = source === null ? "targets" : "source";
    complain(
      key,
      `${key} is for protocols that measure elsewhere than they train; ${protocol} takes "datasets"`,
    );
  }
  if (!trainsOnMany && datasets !== null)
    complain("datasets", `${protocol} does not take datasets; give "source" and "targets"`);
  if (protocol === "own" && (source === null || targets === null))
    complain(
      source === null ? "source" : "targets",
      `the protocol own has no default data sets; give both "source" and "targets"`,
    );
  if (protocol !== "few-shot" && shots !== null && shots.length > 1)
    complain("shots", `${protocol} takes one number of shots, found ${shots.length}; keep one`);
  for (const [key, values] of [
    ["seeds", seeds],
    ["shots", shots ?? []],
  ] as const) {
    const twice = values.find((each, i) => values.indexOf(each) !== i);
    if (twice !== undefined) complain(key, `${key} lists ${twice} twice; take one of them out`);
  }
  return found;
}

function withAbsoluteRoots(experiment: Experiment, folder: string): Experiment {
  const absolute = <T extends string | null>(root: T) =>
    root === null ? null : resolveSetting(["data", "root"], root, folder);
  type Listed = NonNullable<Experiment["source"]>;
  const located = (set: Listed): Listed =>
    typeof set === "string" ? set : { ...set, root: absolute(set.root) };
  const { datasets, source, targets, root } = experiment;
  return {
    ...experiment,
    root: absolute(root),
    datasets: datasets?.map(located) ?? null,
    source: source === null ? null : located(source),
    targets: targets?.map(located) ?? null,
  };
}
