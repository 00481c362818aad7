import type { Config } from "../protocol/config";
import { hintOf, nearestSetting } from "../protocol/configErrors";
import { fieldAt } from "../protocol/configFields";
import type { Experiment } from "../protocol/experiment";
import { sweptNames } from "../protocol/experimentSettings";
import type { MethodPreset } from "../protocol/experimentRecord";
import { UserError } from "../util/errors";

/** Settings by name as JSON holds them. */
export type Settings = Record<string, unknown>;

/** One row of an experiment's tables: a name and the settings that make it what it is. */
export interface Variant {
  name: string;
  preset: MethodPreset;
  settings: Settings;
  /** Where the settings were written, for errors. */
  source: string;
}

const presets: Record<MethodPreset, { title: string; settings: Settings }> = {
  "zero-shot": { title: "Zero-shot", settings: {} },
  lora: { title: "LoRA", settings: { glad: { alpha: 0 } } },
  sam: { title: "SAM", settings: { glad: { alpha: 1 } } },
  glad: { title: "GLAD", settings: {} },
};

/** The methods of an experiment, each combination of a sweep's values as one of its own. */
export function variantsOf({ methods }: Experiment): Variant[] {
  const variants = methods.flatMap((method, index): Variant[] => {
    const source = `methods[${index}]`;
    if (typeof method === "string") {
      const { title, settings } = presets[method];
      return [{ name: title, preset: method, settings, source }];
    }
    const { name, preset, set, sweep } = method;
    const start = merge(presets[preset].settings, set);
    return combinations(sweep, source).map(({ label, settings }) => ({
      name: label === "" ? name : `${name} ${label}`,
      preset,
      settings: merge(start, settings),
      source,
    }));
  });
  const names = variants.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return variants;
  throw new UserError(
    `methods: two of them are called "${twice}"; give one of them another "name"`,
  );
}

/** No table has so many rows; each is made and looked at while somebody types. */
const mostCombinations = 1000;

/** Every combination of a sweep's values, the last setting changing fastest. */
function combinations(
  sweep: Record<string, unknown[]>,
  source: string,
): { label: string; settings: Settings }[] {
  const count = Object.values(sweep).reduce((product, { length }) => product * length, 1);
  if (count > mostCombinations)
    throw new UserError(
      `${source}.sweep: has ${count} combinations of values, each a method, expected at most ${mostCombinations}; take settings or values out, or make several experiments of it`,
    );
  let all = [{ label: "", settings: {} as Settings }];
  for (const [setting, values] of Object.entries(sweep)) {
    const path = setting.split(".");
    const unknown = unknownSetting(setting);
    if (unknown !== null) throw new UserError(`${source}.sweep: ${unknown.message}`);
    const texts = values.map(shown);
    const twice = texts.find((text, i) => texts.indexOf(text) !== i);
    if (twice !== undefined)
      throw new UserError(
        `${source}.sweep: "${setting}" lists ${twice} twice; take one of them out`,
      );
    all = all.flatMap(({ label, settings }) =>
      values.map((value) => ({
        label: `${label === "" ? "" : `${label}, `}${path.at(-1)!} ${shown(value)}`,
        settings: merge(settings, nested(path, value)),
      })),
    );
  }
  return all;
}

/** What is said of a name that a sweep cannot go through, and the one that was meant where that is clear; null where it can. */
export function unknownSetting(name: string): { message: string; meant: string | null } | null {
  if (fieldAt(name.split(".")) !== undefined) return null;
  const near = nearestSetting(name, sweptNames());
  const message = `"${name}" is not a setting; ${hintOf(near)}`;
  return { message, meant: near.isMeant ? near.name : null };
}

function nested(path: readonly string[], value: unknown): Settings {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Settings;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a method is by the weight of its SAM gradient, whatever it is called. */
export function methodKind(preset: MethodPreset, { glad }: Pick<Config, "glad">): MethodPreset {
  if (preset === "zero-shot") return preset;
  if (glad.alpha === 0) return "lora";
  return glad.alpha === 1 ? "sam" : "glad";
}

/** Settings with others put over them; lists and null replace what was there. */
export function merge(under: Settings, over: Settings): Settings {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const old = merged[key];
    merged[key] = isSection(old) && isSection(value) ? merge(old, value) : value;
  }
  return merged;
}

/** Of the settings those that matter where nothing is trained, so that changing others measures nothing again. */
export function whatZeroShotTakes({
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

/** The dotted names of all settings that are set. */
export function leaves(settings: Settings, prefix = ""): string[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    isSection(value) ? leaves(value, `${prefix}${key}.`) : [prefix + key],
  );
}

function isSection(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
