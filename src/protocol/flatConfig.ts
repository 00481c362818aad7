import type { FlatConfig } from "./page";

/** A configuration with its nested keys joined by dots; lists and everything else are written as JSON, text as it is. */
export function flattenConfig(value: Record<string, unknown>, prefix = ""): FlatConfig {
  const flat: FlatConfig = {};
  for (const [key, inner] of Object.entries(value)) {
    const path = prefix + key;
    if (isRecord(inner)) Object.assign(flat, flattenConfig(inner, `${path}.`));
    else flat[path] = typeof inner === "string" ? inner : JSON.stringify(inner ?? null);
  }
  return flat;
}

/** One row of a comparison: a key and what each configuration has there; null where it has no such key. */
export interface ConfigRow {
  key: string;
  values: (string | null)[];
  /** Whether the values differ. */
  differs: boolean;
}

/** All keys of some configurations in their order, with what each of them has there. */
export function compareConfigs(configs: readonly FlatConfig[]): ConfigRow[] {
  const keys = [...new Set(configs.flatMap((config) => Object.keys(config)))];
  return keys.map((key) => {
    const values = configs.map((config) => config[key] ?? null);
    return { key, values, differs: new Set(values).size > 1 };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
