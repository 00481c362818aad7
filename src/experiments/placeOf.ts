import type { Experiment } from "../protocol/experiment";
import type { Settings, Variant } from "./methods";

/** A place in an experiment's file: keys and positions in lists. */
export type Keys = (string | number)[];

/** Which of the file's methods a variant is of. */
export function indexOf({ source }: Variant): number {
  return Number(/\d+/.exec(source)![0]);
}

/** Where a setting of a method's runs was written: by the method, by its sweep (its list of values), or in "config". */
export function placeOf({ methods, config }: Experiment, index: number) {
  const method = methods[index]!;
  return (path: Keys): Keys => {
    const at = ["methods", index];
    if (typeof method !== "string") {
      const name = `${path.join(".")}.`;
      const swept = Object.keys(method.sweep).find((key) => name.startsWith(`${key}.`));
      if (swept !== undefined) return [...at, "sweep", swept];
      if (has(method.set, path)) return [...at, "set", ...path];
    }
    return has(config, path) ? ["config", ...path] : at;
  };
}

/** As `placeOf`, but of a sweep the value itself that one of its methods has. */
export function exactPlaceOf(experiment: Experiment, index: number, { settings }: Variant) {
  const place = placeOf(experiment, index);
  return (path: Keys): Keys => {
    const at = place(path);
    const [, , where, key] = at;
    const method = experiment.methods[index]!;
    if (where !== "sweep" || typeof method === "string") return at;
    const name = String(key);
    const own = JSON.stringify(valueAt(settings, name.split(".")));
    const item = method.sweep[name]!.findIndex((value) => JSON.stringify(value) === own);
    return item < 0 ? at : [...at, item, ...path.slice(name.split(".").length)];
  };
}

/** Whether settings say something at a path. */
export function has(settings: Settings, path: Keys): boolean {
  return valueAt(settings, path) !== undefined;
}

function valueAt(settings: Settings, path: Keys): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    settings,
  );
}
