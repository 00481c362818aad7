import { getNodeValue } from "jsonc-parser/lib/esm/main.js";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { jsonTree } from "../protocol/jsonTree";
import { resolveSetting } from "../protocol/resolveSetting";
import { runsFolder } from "../protocol/runFolder";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import type { Settings } from "./methods";
import { readRecords } from "./record";

/** Whether two paths lead to one file: links, and letters' case on some systems, make them differ. */
export function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  const [one, other] = [a, b].map((path) =>
    statSync(path, { bigint: true, throwIfNoEntry: false }),
  );
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** What a file says of the place of its record, also where it cannot be read as an experiment now; null where it is gone. */
export function writtenIn(file: string): { name: unknown; runs: string } | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return null;
  }
  const tree = jsonTree(text);
  const value = tree && (getNodeValue(tree) as Written | null);
  return { name: value?.name, runs: runsIn(value?.config, file) };
}

interface Written {
  name?: unknown;
  config?: Settings;
}

/** The folder of the run folders that a file's "config" asks for. */
export function runsIn(config: Settings | undefined, file: string): string {
  const output = typeof config?.output === "string" ? config.output : ".glad";
  return runsFolder(resolveSetting(["output"], output, dirname(file)));
}

/**
 * The records of an experiment's file, also where that cannot be read or is gone: the one of the name that it says, else all that name
 * the file, which had other names in its time.
 */
export function recordsOfFile(file: string): ExperimentRecord[] {
  const path = resolve(file);
  const written = writtenIn(path);
  for (const runs of new Set([written?.runs ?? runsIn(undefined, path), runsIn(undefined, path)])) {
    const all = readRecords(runs).filter((record) => isSameFile(record.file, path));
    const named = all.filter(({ name }) => name === written?.name);
    if (all.length > 0) return named.length > 0 ? named : all;
  }
  return [];
}
