import { getNodeValue } from "jsonc-parser/lib/esm/main.js";
import { type Config, configSchema } from "./config";
import { configFaults } from "./configErrors";
import { settingNames } from "./configFields";
import { type Fault, FaultyText, type Path } from "./fault";
import { parseText, lineOf } from "./parseText";
import { dotted } from "./valueFault";

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

/** How a configuration is begun where there is none. */
const begin =
  'write settings in braces, e.g. { "data": { "root": "images" } }, take a proposal of the editor (Ctrl+Space), or let "GLAD: New Configuration" write one';

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
  const tree = parseText(text, file, begin);
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
  const faults = parsed.success
    ? impossibleCombinations(parsed.data)
    : configFaults(parsed.error.issues, value);
  if (!parsed.success || faults.length > 0)
    throw new FaultyText(faults, ({ path, message }) => `${locate(path)}: ${message}`);
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
function impossibleCombinations({ optimizer, evaluation, lora }: Config): Fault[] {
  const found: Fault[] = [];
  const complain = (path: string[], sentence: string, value?: unknown): void => {
    const message = `${dotted(path)} ${sentence}`;
    found.push({ path, message, mends: value === undefined ? [] : [{ kind: "value", value }] });
  };
  if (optimizer.minLearningRate > optimizer.learningRate)
    complain(
      ["optimizer", "minLearningRate"],
      `is ${optimizer.minLearningRate}, above optimizer.learningRate (${optimizer.learningRate}); lower it`,
      optimizer.learningRate,
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
      complain(["lora", name], `names ${JSON.stringify(twice)} twice; name each once`, [
        ...new Set<unknown>(values),
      ]);
  }
  return found;
}
