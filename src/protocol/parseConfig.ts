import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser/lib/esm/main.js";
import { UserError } from "../util/errors";
import { isWebPage } from "../util/jsonFile";
import { type Config, configSchema } from "./config";
import { configSentences, dotted, type Path } from "./configErrors";
import { settingNames } from "./configFields";

/** A value that takes the place of what the file says, as `--set key=value` gives it. */
export interface Override {
  path: string[];
  value: unknown;
  /** How the user wrote it, for errors. */
  source: string;
}

export interface ParseOptions {
  overrides?: readonly Override[];
  /** Makes the absolute path of what the user wrote for a path in the configuration. */
  resolvePath?: (path: Path, written: string) => string;
  /** Says where the value of a path was written; without it, the line in `file`. */
  locate?: (path: Path) => string;
}

/** Settings that name a file or a folder; a model may also be an id of the hub. */
const pathSettings: readonly string[][] = [
  ["model"],
  ["data", "root"],
  ["data", "list"],
  ["lora", "init"],
  ["output"],
  // "*" is every item of a list.
  ["evaluation", "targets", "*", "root"],
];

/** A configuration, and which of its settings were written rather than left to their defaults. */
export interface WrittenConfig {
  config: Config;
  /** Their dotted names, e.g. `lora.rank`. */
  given: ReadonlySet<string>;
}

/** The configuration of `parseWritten` alone. */
export function parseConfig(text: string, file: string, options: ParseOptions = {}): Config {
  return parseWritten(text, file, options).config;
}

/**
 * The configuration that a text says, as JSON in which comments and commas at the end are allowed, with every default
 * filled in. A frozen configuration of a run is taken, too. Everything that is wrong with it is told by one UserError
 * with one sentence a line; `file` names the text there.
 */
export function parseWritten(
  text: string,
  file: string,
  options: ParseOptions = {},
): WrittenConfig {
  const { overrides = [], resolvePath = (_path, written) => written } = options;
  const tree = parseText(text, file);
  const value = getNodeValue(tree) as Record<string, unknown>;
  // What a run was resolved to is no setting; without it, its config.json repeats the run.
  delete value["run"];
  for (const override of overrides) put(value, override);
  for (const path of pathSettings.flatMap((setting) => places(setting, value))) {
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => field(at, key), value);
    const key = path.at(-1)!;
    const written = field(parent, key);
    if (typeof written === "string" && written.trim() !== "")
      (parent as Record<string, unknown>)[key] = resolvePath(path, written);
  }
  const written = (path: Path): string => {
    const override = overrides.findLast((each) =>
      each.path.every((key, i) => i >= path.length || key === path[i]),
    );
    return override?.source ?? `${file}${lineOf(text, tree, path)}`;
  };
  const { locate = written } = options;
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    throw new UserError(configSentences(parsed.error.issues, value, locate).join("\n"));
  const impossible = impossibleCombinations(parsed.data, locate);
  if (impossible.length > 0) throw new UserError(impossible.join("\n"));
  const { output } = parsed.data;
  // The default is a relative path as well.
  const config =
    value["output"] === undefined
      ? { ...parsed.data, output: resolvePath(["output"], output) }
      : parsed.data;
  return { config, given: givenSettings(value) };
}

function givenSettings(value: unknown): Set<string> {
  const names = settingNames().filter(
    (name) => name.split(".").reduce<unknown>(field, value) !== undefined,
  );
  return new Set(names);
}

/** The tree of a text that holds one object in JSON with comments; anything else is a UserError that names `file`. */
export function parseText(text: string, file: string): Node {
  if (isWebPage(text))
    throw new UserError(
      `${file}: is a web page (HTML), expected a configuration in JSON; save the file itself, not the page that shows it`,
    );
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error || !tree) {
    const what = error ? described(printParseErrorCode(error.error)) : "the file is empty";
    throw new UserError(
      `${file}${error ? at(text, error.offset) : ""}: is not valid JSON, ${what}; write settings as "name": value in braces, separated by commas`,
    );
  }
  if (tree.type !== "object")
    throw new UserError(
      `${file}: holds ${tree.type === "array" ? "a list" : `a ${tree.type}`}, expected an object in braces; write settings as "name": value in braces`,
    );
  refuseDoubleKeys(tree, text, file);
  return tree;
}

/** JSON lets the later of two equal keys win without a word, which hides a setting from whoever reads the file. */
function refuseDoubleKeys(node: Node, text: string, file: string): void {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    if (node.type === "object") {
      const key = child.children![0]!;
      if (seen.has(key.value))
        throw new UserError(
          `${file}${at(text, key.offset)}: "${String(key.value)}" is given a second time; keep one of the two`,
        );
      seen.add(key.value);
    }
    refuseDoubleKeys(child, text, file);
  }
}

/** `CommaExpected` -> `comma expected`. */
function described(code: string): string {
  return code
    .replace(/([A-Z])/g, " $1")
    .trim()
    .toLowerCase();
}

/** `, line 3` for the place where the value of a path was written; "" where it was not. */
export function lineOf(text: string, tree: Node, path: Path): string {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length) as (string | number)[]);
    // The key is the first child of the property that holds the value.
    if (node) return at(text, (node.parent?.type === "property" ? node.parent : node).offset);
  }
  return "";
}

function at(text: string, offset: number): string {
  return `, line ${text.slice(0, offset).split("\n").length}`;
}

function put(value: Record<string, unknown>, { path, value: given }: Override): void {
  let section = value;
  for (const key of path.slice(0, -1)) {
    const next = section[key];
    if (typeof next !== "object" || next === null || Array.isArray(next)) section[key] = {};
    section = section[key] as Record<string, unknown>;
  }
  section[path.at(-1)!] = given;
}

function field(at: unknown, key: string): unknown {
  return typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
}

/** A setting's path with every position in place of "*" that the value has. */
function places(setting: readonly string[], value: unknown): string[][] {
  const star = setting.indexOf("*");
  if (star < 0) return [[...setting]];
  const list = setting.slice(0, star).reduce<unknown>((at, key) => field(at, key), value);
  const count = Array.isArray(list) ? list.length : 0;
  return Array.from({ length: count }, (_, i) =>
    setting.map((key, at) => (at === star ? String(i) : key)),
  );
}

/** What the schema cannot say: settings that are fine alone but make no sense together. */
function impossibleCombinations(
  { optimizer, evaluation, lora }: Config,
  locate: (path: Path) => string,
): string[] {
  const found: string[] = [];
  const complain = (path: string[], sentence: string): void =>
    void found.push(`${locate(path)}: ${dotted(path)} ${sentence}`);
  if (optimizer.minLearningRate > optimizer.learningRate)
    complain(
      ["optimizer", "minLearningRate"],
      `is ${optimizer.minLearningRate}, above optimizer.learningRate (${optimizer.learningRate}); lower it`,
    );
  if (evaluation.earlyStop !== null && evaluation.every === 0)
    complain(
      ["evaluation", "earlyStop"],
      "needs evaluations during training, but evaluation.every is 0; set it to the steps between evaluations",
    );
  for (const [name, values] of [
    ["targets", lora.targets],
    ["layers", lora.layers === "all" ? [] : lora.layers],
  ] as const) {
    const twice = values.find((value, i) => values.indexOf(value as never) !== i);
    if (twice !== undefined)
      complain(["lora", name], `names ${JSON.stringify(twice)} twice; name each once`);
  }
  return found;
}
