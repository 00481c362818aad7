import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveData } from "../data/dataRoot";
import { type OpenedData, openData } from "../data/openData";
import type { ReadData } from "../data/readData";
import { splitText } from "../data/splitFile";
import { resolveTargets, withTargets } from "../data/targets";
import { readCompleteResult } from "../protocol/completeResult";
import type { Config } from "../protocol/config";
import { checkpointSteps, type RunPaths, runPaths } from "../protocol/runFolder";
import { targetSplit } from "../protocol/splits";
import { UserError } from "../util/errors";
import { plural } from "../util/text";
import { toldName } from "./chosenSets";
import type { Plan } from "./expand";
import { possibleRuns, runsOf } from "./record";

/** The runs of a plan that can be taken as they are. */
export interface FreshRuns {
  /** By the cell's name. */
  found: Map<string, string>;
  /** Those that cannot be, by why. */
  stale: StaleRuns[];
}

/** Runs that are there and hold no longer, so that they are made again. */
export interface StaleRuns extends Reason {
  count: number;
}

/** "images are others; 2 runs are made again, and the old ones stay in RUNS"; `when` says when that is, where it is not now. */
export function madeAgain({ why, count }: StaleRuns, runs: string, when = ""): string {
  const [are, ones] = count === 1 ? ["is", "the old one stays"] : ["are", "the old ones stay"];
  return `${why}; ${plural(count, "run")} ${are} made again${when}, and ${ones} in ${runs}`;
}

/** Why a run holds no longer. */
interface Reason {
  /** A sentence. */
  why: string;
  /** The data set that it is about, by its name in runs; null of a list. */
  set: string | null;
}

/**
 * As `madeRuns`, without runs that hold no longer: on other images than those that a run would take now (somebody added images to a
 * folder of their own, or wrote another list; one table must not be of both, and what is published is taken to be as it was), and
 * without those that are to be measured on more and have lost what they ended with.
 */
export async function freshRuns(plan: Plan, read: ReadData): Promise<FreshRuns> {
  const found = new Map<string, string>();
  const stale = new Map<string, StaleRuns>();
  const possible = possibleRuns(plan);
  const expect = expectations(read);
  for (const { name, config, dataset } of plan.cells) {
    let first: Reason | null = null;
    for (const id of possible.get(name)!) {
      const paths = runPaths(join(runsOf(plan), id));
      const reason =
        lostCheckpoint(paths, config, dataset) ??
        (await otherImages(paths, config, dataset, expect));
      first ??= reason;
      if (reason !== null) continue;
      found.set(name, id);
      break;
    }
    if (first === null || found.has(name)) continue;
    const { set, why: what } = first;
    const why = `${set === null ? "" : `${toldName(plan, set)}: `}${what}`;
    stale.set(why, { why, set, count: (stale.get(why)?.count ?? 0) + 1 });
  }
  return { found, stale: [...stale.values()] };
}

/** Of a run that has come to its end and is to be measured on more: that the checkpoint is gone which it ended with. */
function lostCheckpoint(paths: RunPaths, { evaluation }: Config, set: string): Reason | null {
  const result = readCompleteResult(paths.result);
  if (result === null || result.step === 0) return null;
  const measured = new Set(result.adapted.map(({ split }) => split));
  const whole = evaluation.targets.every(({ name }) => measured.has(targetSplit(name ?? "")));
  if (whole || checkpointSteps(paths).includes(result.step)) return null;
  const why = "the last checkpoint, which is to be measured on more, is not there any more";
  return { why, set };
}

/** Images as lines of `split.jsonl`, and the folder of each. */
interface Lines {
  /** The data set that they are of, or the list. */
  of: { set: string } | { list: string };
  lines: { text: string; file: string }[];
}

/** What a run would have now; null where that cannot be told. */
interface Expected {
  /** Its own splits; null where they are a publisher's. */
  own: Lines | null;
  /** Targets that are folders, by split. */
  targets: Map<string, Lines>;
  /** Whether images that cannot be decoded are left out. */
  skips: boolean;
}

/** Says that the images which a run took are others than those that are there now; null where they are not. */
async function otherImages(
  { split, result }: RunPaths,
  config: Config,
  dataset: string,
  expect: (config: Config, dataset: string) => Expected | null,
): Promise<Reason | null> {
  const expected = expect(config, dataset);
  const nothing = expected === null || (expected.own === null && expected.targets.size === 0);
  // A run without its split will say so itself.
  if (nothing || !existsSync(split)) return null;
  const lines = readFileSync(split, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  const differs = async ({ of, lines: now }: Lines, then: readonly string[]) => {
    if (await isAs(then, now, expected.skips)) return null;
    const what = "the images are others than those that were taken";
    return "set" in of ? { why: what, set: of.set } : { why: `${of.list}: ${what}`, set: null };
  };
  const own = lines.filter((line) => !line.startsWith('{"split":"target:'));
  const why = expected.own && (await differs(expected.own, own));
  if (why !== null) return why;
  const done = readCompleteResult(result);
  const measured = new Set(
    [...(done?.adapted ?? []), ...(done?.zeroShot ?? [])].map((of) => of.split),
  );
  for (const [name, now] of expected.targets) {
    // What it was not measured on is frozen anew.
    if (!measured.has(name)) continue;
    const begin = `{"split":${JSON.stringify(name)},`;
    const other = await differs(
      now,
      lines.filter((line) => line.startsWith(begin)),
    );
    if (other !== null) return other;
  }
  return null;
}

/** Whether a run's images are those that are there now, but for those that were left out since they cannot be decoded. */
async function isAs(
  then: readonly string[],
  now: Lines["lines"],
  skips: boolean,
): Promise<boolean> {
  let at = 0;
  const added: string[] = [];
  for (const { text, file } of now) {
    if (text === then[at]) at++;
    else added.push(file);
  }
  if (at < then.length) return false;
  if (added.length === 0) return true;
  if (!skips) return false;
  // Loaded here: most never need what decodes images.
  const { anyDecodes } = await import("../data/inspectImages");
  return !(await anyDecodes(added));
}

/** What is expected of configurations; methods that train on the same images share it. */
function expectations(read: ReadData): (config: Config, dataset: string) => Expected | null {
  const known = new Map<string, Expected | null>();
  return (config, dataset) => {
    const { data, protocol, seed, evaluation } = config;
    const key = JSON.stringify([data, protocol, seed, evaluation.targets]);
    if (!known.has(key)) known.set(key, expectedOf(config, dataset, read));
    return known.get(key)!;
  };
}

function expectedOf(config: Config, dataset: string, read: ReadData): Expected | null {
  try {
    const data = resolveData(config.data);
    const given = data.dataset === "folder" || data.list !== null;
    const own = given ? openData(data, config.protocol, config.seed, read) : null;
    const targets = resolveTargets(config.evaluation.targets, data.template).filter(
      (target) => target.dataset === "folder",
    );
    const nothing = { imageRoot: "", classNames: [], train: [], val: [], notes: [] };
    return {
      own: own && {
        of: data.list === null ? { set: dataset } : { list: data.list },
        lines: linesOf(own),
      },
      targets: new Map(
        targets.map((target) => {
          const opened = withTargets({ ...nothing, evaluations: [] }, [target], read);
          return [targetSplit(target.name), { of: { set: target.name }, lines: linesOf(opened) }];
        }),
      ),
      skips: config.data.skipUnreadable,
    };
  } catch (error) {
    // Images that cannot be listed now are no others.
    if (error instanceof UserError) return null;
    throw error;
  }
}

function linesOf(opened: OpenedData): Lines["lines"] {
  const rootOf = new Map(opened.evaluations.map(({ split, imageRoot }) => [split, imageRoot]));
  return splitText(opened)
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => {
      const { split, path } = JSON.parse(text) as { split: string; path: string };
      return { text, file: join(rootOf.get(split) ?? opened.imageRoot, path) };
    });
}
