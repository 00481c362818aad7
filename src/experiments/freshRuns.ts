import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveData } from "../data/dataRoot";
import { openData } from "../data/openData";
import type { ReadData } from "../data/readData";
import { splitText } from "../data/splitFile";
import { resolveTargets, withTargets } from "../data/targets";
import type { Config } from "../protocol/config";
import { type RunPaths, runPaths } from "../protocol/runFolder";
import { targetSplit } from "../protocol/splits";
import { UserError } from "../util/errors";
import type { Plan } from "./expand";
import { possibleRuns, runsOf } from "./record";

/** The runs of a plan that hold for the images as they are now. */
export interface FreshRuns {
  /** By the cell's name. */
  found: Map<string, string>;
  /** How many cells have runs on other images than there are now, by data set. */
  stale: Map<string, number>;
}

/**
 * As `madeRuns`, without runs on other images than those that a run would take now: somebody added images to a folder of their own, or
 * wrote another list. One table must not be of both. What is published is taken to be as it was.
 */
export function freshRuns(plan: Plan, read: ReadData): FreshRuns {
  const found = new Map<string, string>();
  const stale = new Map<string, number>();
  const possible = possibleRuns(plan);
  const expect = expectations(read);
  for (const { name, config, dataset } of plan.cells) {
    const runs = possible.get(name)!;
    const fresh = runs.find((id) => isFresh(runPaths(join(runsOf(plan), id)), config, expect));
    if (fresh !== undefined) found.set(name, fresh);
    else if (runs.length > 0) stale.set(dataset, (stale.get(dataset) ?? 0) + 1);
  }
  return { found, stale };
}

/** The lines of `split.jsonl` that a run would have now; null where that cannot be told. */
interface Expected {
  /** Those of its own splits; null where they are a publisher's. */
  own: string | null;
  /** Those of targets that are folders, by split. */
  targets: Map<string, string>;
}

function isFresh(
  { split }: RunPaths,
  config: Config,
  expect: (config: Config) => Expected | null,
): boolean {
  const expected = expect(config);
  // A run without its split will say so itself.
  if (expected === null || !existsSync(split)) return true;
  const lines = readFileSync(split, "utf8").split("\n");
  const isTarget = (line: string): boolean => line.startsWith('{"split":"target:');
  const own = linesOf(lines.filter((line) => !isTarget(line)));
  if (expected.own !== null && own !== expected.own) return false;
  return [...expected.targets].every(([name, text]) => {
    const found = linesOf(lines.filter((line) => line.startsWith(beginOf(name))));
    // One that it was not measured on as yet.
    return found === "" || found === text;
  });
}

function beginOf(split: string): string {
  return `{"split":${JSON.stringify(split)},`;
}

function linesOf(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}

/** What is expected of configurations; methods that train on the same images share it. */
function expectations(read: ReadData): (config: Config) => Expected | null {
  const known = new Map<string, Expected | null>();
  return (config) => {
    const { data, protocol, seed, evaluation } = config;
    const key = JSON.stringify([data, protocol, seed, evaluation.targets]);
    if (!known.has(key)) known.set(key, expectedOf(config, read));
    return known.get(key)!;
  };
}

function expectedOf(config: Config, read: ReadData): Expected | null {
  // Which images cannot be read only opening all of them would tell.
  if (config.data.skipUnreadable) return null;
  try {
    const data = resolveData(config.data);
    const given = data.dataset === "folder" || data.list !== null;
    const own = given ? splitText(openData(data, config.protocol, config.seed, read)) : null;
    const targets = resolveTargets(config.evaluation.targets, data.template).filter(
      ({ dataset }) => dataset === "folder",
    );
    const nothing = { imageRoot: "", classNames: [], train: [], val: [], notes: [] };
    return {
      own,
      targets: new Map(
        targets.map((target) => [
          targetSplit(target.name),
          splitText(withTargets({ ...nothing, evaluations: [] }, [target], read)),
        ]),
      ),
    };
  } catch (error) {
    // Images that cannot be listed now are no others.
    if (error instanceof UserError) return null;
    throw error;
  }
}
