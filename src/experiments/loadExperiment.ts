import { getNodeValue, type Node } from "jsonc-parser/lib/esm/main.js";
import { basename, dirname, resolve } from "node:path";
import { mendsOfKey } from "../protocol/configErrors";
import { type Field, fieldAt, settingNames } from "../protocol/configFields";
import { type Experiment, experimentJsonSchema, experimentSchema } from "../protocol/experiment";
import { givenByExperiment, givenToMethods } from "../protocol/experimentSettings";
import { type Fault, FaultyText, type Path } from "../protocol/fault";
import { settingCalled } from "../protocol/otherWords";
import { lineOf, offsetOf, parseText } from "../protocol/parseText";
import { resolveSetting } from "../protocol/resolveSetting";
import { dotted, type Rules, told, valueAt, valueFault } from "../protocol/valueFault";
import { readTextFile } from "../util/jsonFile";
import { isSlip, nearest } from "../util/nearest";
import { once } from "../util/once";
import { atOnce, type Turns } from "../util/turns";
import { checkExperiment, checkingParts } from "./checkExperiment";
import { misplacedSettings } from "./misplacedSettings";

/** An experiment as its file says it, and where that lies. */
export interface LoadedExperiment {
  experiment: Experiment;
  /** Absolute path of the file. */
  file: string;
}

/** How an experiment is begun where there is none. */
const begin =
  'write a "name" and a "protocol" in braces, take a proposal of the editor (Ctrl+Space), or let "GLAD: New Experiment" write one';

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
  const loaded = { experiment: parseExperiment(text, file, dirname(path)), file: path };
  const faults = checkExperiment(loaded);
  if (faults.length > 0) throw faulty(faults, text, parseExperimentText(text, file), file);
  return loaded;
}

/** The tree of an experiment's text. */
export function parseExperimentText(text: string, file: string): Node {
  return parseText(text, file, begin);
}

/**
 * The experiment that a text says; `file` names the text in errors, relative paths count from `folder`. Where its schema or its
 * protocol refuses it, all is told that is wrong with its parts as well.
 */
export function parseExperiment(text: string, file: string, folder: string): Experiment {
  return atOnce(parsingExperiment(text, file, folder));
}

/** As `parseExperiment`, part by part. */
export function* parsingExperiment(text: string, file: string, folder: string): Turns<Experiment> {
  const tree = parseExperimentText(text, file);
  const value = getNodeValue(tree) as Record<string, unknown>;
  const parsed = experimentSchema.safeParse(value);
  if (parsed.success) {
    const experiment = withAbsoluteRoots(parsed.data, folder);
    const misplaced = misplacedSettings(experiment, value);
    if (misplaced.length === 0) return experiment;
    const { problems } = yield* checkingParts({ experiment, file: resolve(file) });
    throw faulty([...misplaced, ...problems], text, tree, file);
  }
  const faults = parsed.error.issues
    .flatMap(told)
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(issue.path as Fault["path"], key, value))
        : [valueFault(issue, value, rulesFor(value, file))],
    );
  const others = yield* lookingAtSoundParts(value, faults, folder, file);
  throw faulty([...faults, ...others], text, tree, file);
}

function faulty(faults: readonly Fault[], text: string, tree: Node, file: string): FaultyText {
  const sentence = ({ path, message }: Fault): string =>
    `${file}${lineOf(text, tree, path)}: ${message}`;
  const place = ({ path }: Fault): number => offsetOf(tree, path) ?? 0;
  const inOrder = [...faults].sort((a, b) => place(a) - place(b));
  return new FaultyText(inOrder, sentence);
}

/** What is right wherever it stands for something that is wrong. */
const soundParts: ReadonlyMap<string, unknown> = new Map(
  Object.entries({
    name: "any",
    protocol: "few-shot",
    methods: "glad",
    datasets: "dtd",
    targets: "dtd",
  }),
);

/** What is wrong with the parts of an experiment that its schema has nothing against. */
function* lookingAtSoundParts(
  value: Record<string, unknown>,
  faults: readonly Fault[],
  folder: string,
  file: string,
): Turns<Fault[]> {
  const sound = structuredClone(value);
  for (const { path } of faults) {
    const [key, position] = path;
    const list = sound[String(key)];
    const part = soundParts.get(String(key));
    if (part === undefined) delete sound[String(key)];
    else if (Array.isArray(list) && typeof position === "number") list[position] = part;
    else if (key === "name" || key === "protocol") sound[key] = part;
    else delete sound[String(key)];
  }
  const parsed = experimentSchema.safeParse(sound);
  if (!parsed.success) return [];
  const experiment = withAbsoluteRoots(parsed.data, folder);
  // A key that is misspelt is not missing as well.
  const meant = faults.flatMap(({ mends = [] }) =>
    mends.flatMap((mend) => (mend.kind === "key" ? mend.key : [])),
  );
  const wrong = new Set([...faults.map(({ path }) => path[0]), ...meant]);
  // What a protocol takes cannot be told without it.
  const misplaced = wrong.has("protocol") ? [] : misplacedSettings(experiment, value, wrong);
  const { problems } = yield* checkingParts({ experiment, file: resolve(file) });
  return [...misplaced, ...problems];
}

const schema = once(experimentJsonSchema);

function rulesFor(value: unknown, file: string): Rules {
  return {
    whole: "the experiment",
    fieldAt: (path) => fieldIn(path, value),
    issues: (changed) => experimentSchema.safeParse(changed).error?.issues ?? [],
    placeholder(path) {
      if (path.length === 1 && path[0] === "name") return nameFor(file);
      return path[0] === "methods" && path[2] === "name"
        ? `method ${Number(path[1]) + 1}`
        : undefined;
    },
  };
}

/** The name of an experiment that its file suggests. */
function nameFor(file: string): string {
  const plain = basename(file)
    .replace(/\.experiment\.json$/, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  return plain === "" ? "experiment" : plain;
}

/** The field at a path of the file; of the kinds of executor that which the file names. */
function fieldIn(path: Path, value: unknown): Field | undefined {
  let field: Field | undefined = schema();
  let at = value;
  for (const key of path) {
    field = field && fieldAt([key], kindOf(field, at));
    at = valueAt(at, [key]);
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
  const { description, default: usual } = field;
  return own ?? { type: "object", properties: { kind }, description, default: usual };
}

function unknownKey(section: Fault["path"], key: string, value: unknown): Fault {
  const field = fieldIn(section, value);
  const parts = field ? [field, ...(field.anyOf ?? [])] : [];
  const known = parts.flatMap(({ properties }) => Object.keys(properties ?? {}));
  const best = nearest(key, known);
  const slip = best && isSlip(key, best.distance) ? best.name : null;
  // What it is called elsewhere says more than letters that are alike.
  const meant =
    slip === null || settingCalled(key)
      ? settingOfRuns(section, key, known)
      : { path: [...section, slip], isSame: true };
  const hint = meant
    ? `did you mean "${dotted(meant.path.slice(section.length))}"?`
    : `known are ${known.filter((name) => name !== "$schema").join(", ")}`;
  const where = section.length === 0 ? "an experiment" : dotted(section);
  return {
    path: [...section, key],
    ofKey: true,
    message: `"${key}" is not a setting of ${where}; ${hint}`,
    mends: meant?.isSame ? mendsOfKey(section, meant.path, value) : [{ kind: "leaveOut" }],
  };
}

/** Where a setting of the runs goes that was written into the experiment itself, a method or a data set; `known` are the keys there. */
function settingOfRuns(
  section: Fault["path"],
  key: string,
  known: readonly string[],
): { path: Fault["path"]; isSame: boolean } | null {
  const called = settingCalled(key) ?? settingNamed(key);
  if (!called) return null;
  const { name, isSame } = called;
  const given = section[0] === "methods" ? givenToMethods : givenByExperiment;
  const by = given.find(([setting]) => setting === name)?.[1];
  const own = [by, name.replace(/^data\./, "")].find((each) => known.includes(each ?? ""));
  // Methods are none of the values that a setting of runs has.
  if (own !== undefined) return { path: [...section, own], isSame: isSame && own !== "methods" };
  const holder = section.length === 0 ? "config" : section[0] === "methods" ? "set" : null;
  if (holder === null || by !== undefined) return null;
  return { path: [...section, holder, ...name.split(".")], isSame };
}

/** The setting or section of a run that has a name, where it is but one. */
function settingNamed(key: string): { name: string; isSame: boolean } | null {
  const all = settingNames().filter((name) => name.endsWith(`.${key}`));
  const name = fieldAt([key]) ? key : all.length === 1 ? all[0]! : null;
  return name === null ? null : { name, isSame: true };
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
