import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../util/errors";
import { readTextFile } from "../util/jsonFile";
import { isTooDeep, mostLevels } from "../util/nesting";
import type { Config } from "./config";
import { hintOf, nearestSetting } from "./configErrors";
import { fieldAt, takes } from "./configFields";
import type { Path } from "./fault";
import { type Override, parseWritten, type WrittenConfig } from "./parseConfig";
import { resolveSetting } from "./resolveSetting";

/** The configuration that is taken when none is named. */
export const defaultConfigFile = "glad.json";

/** The configuration of `loadWritten` alone. */
export function loadConfig(
  file: string | null,
  sets: readonly string[] = [],
  folder = process.cwd(),
): Config {
  return loadWritten(file, sets, folder).config;
}

/**
 * Loads a configuration file (null: `glad.json` in the working folder where there is one, otherwise defaults alone) and
 * puts the values of `--set key=value` over it. `~` and relative paths count from the file's folder; those that were
 * given by --set from the working folder.
 */
export function loadWritten(
  file: string | null,
  sets: readonly string[] = [],
  folder = process.cwd(),
): WrittenConfig {
  const found = file ?? (existsSync(join(folder, defaultConfigFile)) ? defaultConfigFile : null);
  const overrides = sets.map(parseSet);
  const path = found === null ? null : resolve(folder, found);
  const text =
    path === null
      ? "{}"
      : readTextFile(path, "the configuration", "check the path, or write one with your settings");
  const base = path === null ? folder : dirname(path);
  const ofSet = new Set(overrides.map((override) => override.path.join(".")));
  return parseWritten(text, found ?? "the configuration", {
    overrides,
    resolvePath: (setting, written) =>
      resolveSetting(setting, written, ofSet.has(setting.join(".")) ? folder : base),
  });
}

/** The configuration that a text says as if it stood in a file: paths count from the file's folder. */
export function configOfText(text: string, file: string): WrittenConfig {
  const folder = dirname(resolve(file));
  return parseWritten(text, file, {
    resolvePath: (setting, written) => resolveSetting(setting, written, folder),
  });
}

/** `lora.rank=4` as an override: the value is JSON, or else a text. */
function parseSet(text: string): Override {
  const source = `--set ${text}`;
  const equals = text.indexOf("=");
  const name = text.slice(0, equals).trim();
  if (equals < 1 || name === "")
    throw new UserError(`${source}: expected a setting and its value, e.g. --set lora.rank=4`);
  if (isTooDeep(text))
    throw new UserError(
      `--set ${name}: the value is nested more than ${mostLevels} levels deep, as no setting is; give another one`,
    );
  const path = name.split(".");
  if (fieldAt(path) === undefined)
    throw new UserError(`${source}: "${name}" is not a setting; ${hintOf(nearestSetting(name))}`);
  return { path, value: parseValue(text.slice(equals + 1), path), source };
}

function parseValue(text: string, path: Path): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  // A name that looks like a number is still a name.
  const field = fieldAt(path)!;
  const type = typeof value as "number" | "boolean";
  const plain = type === "number" || type === "boolean";
  return plain && takes(field, "string") && !takes(field, type) ? text : value;
}
