import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Cell,
  type ExperimentRecord,
  experimentRecordSchema,
} from "../protocol/experimentRecord";
import { readCompleteResult } from "../protocol/completeResult";
import { runPaths, runsFolder } from "../protocol/runFolder";
import { readStatus } from "../protocol/status";
import { writeJsonAtomically } from "../util/writeAtomically";
import { changedSettings } from "./changedSettings";
import type { Plan } from "./expand";
import { fitsTargets } from "./fitsTargets";
import { methodKind } from "./methods";
import { recordFile } from "./recordFile";

/** The folder of the run folders of a plan; all its runs have one `output`. */
export function runsOf({ cells }: Plan): string {
  return runsFolder(cells[0]!.config.output);
}

/**
 * The runs that were made before of some identities (of all, or of those), those that are preferred first: finished ones before
 * others, newer ones before older. A finished run whose result is not there, or cannot be read, cannot be told of, so it is made
 * again.
 */
export function findRuns(runs: string, wanted?: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, { id: string; finished: boolean }[]>();
  if (!existsSync(runs)) return new Map();
  for (const id of readdirSync(runs).sort().reverse()) {
    const identity = cellName.exec(id)?.[1];
    if (identity === undefined || wanted?.has(identity) === false) continue;
    const paths = runPaths(join(runs, id));
    const status = readStatus(paths);
    // A run without a status was being made when its maker died.
    if (!status) continue;
    const finished = readCompleteResult(paths.result) !== null;
    if (status.state === "finished" && !finished) continue;
    found.set(identity, [...(found.get(identity) ?? []), { id, finished }]);
  }
  const preferred = (of: { id: string; finished: boolean }[]): string[] =>
    [...of.filter(({ finished }) => finished), ...of.filter((each) => !each.finished)].map(
      ({ id }) => id,
    );
  return new Map([...found].map(([identity, of]) => [identity, preferred(of)]));
}

/**
 * The runs that may be those of a plan's cells, by the cell's name, the preferred one first: the one that the experiment's record
 * names, if it still may be.
 */
export function possibleRuns(plan: Plan): Map<string, string[]> {
  const runs = runsOf(plan);
  const all = findRuns(runs, new Set(plan.cells.map(({ identity }) => identity)));
  const before = readRecord(recordFile(runs, plan.experiment.name));
  const key = ({ method, dataset, shots, seed }: Omit<Cell, "run">): string =>
    JSON.stringify([method, dataset, shots, seed]);
  const recorded = new Map(before?.cells.map((cell) => [key(cell), cell.run]));
  return new Map(
    plan.cells.map((cell) => {
      const fit = (all.get(cell.identity) ?? []).filter((id) =>
        fitsTargets(runPaths(join(runs, id)), cell.config),
      );
      const named = fit.filter((id) => id === recorded.get(key(cell)));
      return [cell.name, [...new Set([...named, ...fit])]];
    }),
  );
}

/** The runs of a plan's cells that were made before, by the cell's name. */
export function madeRuns(plan: Plan): Map<string, string> {
  return new Map(
    [...possibleRuns(plan)].flatMap(([name, [id]]): [string, string][] =>
      id === undefined ? [] : [[name, id]],
    ),
  );
}

/** Removes runs whose maker died before they were whole; to be called by the only maker there is. */
export function removeHalfMade(runs: string): void {
  if (!existsSync(runs)) return;
  for (const id of readdirSync(runs)) {
    const paths = runPaths(join(runs, id));
    // The status is the last file to be written.
    const whole = existsSync(paths.status) || existsSync(paths.events);
    if (cellName.test(id) && !whole) rmSync(paths.folder, { recursive: true, force: true });
  }
}

/** A run's folder is called by its time, its cell's name, which ends with its identity, and a number where that was taken. */
const cellName =
  /^\d{8}-\d{6}-.+?-((?:\d+shot-seed\d+-)?(?:zero-shot|lora|sam|glad)-[0-9a-f]{8})(?:-\d+)?$/;

/**
 * The record of a plan, with the runs that are there. `otherNames`: how many classes of a data set are not named as published, where
 * that was just counted; what was counted before holds for the others.
 */
export function recordOf(
  plan: Plan,
  found = madeRuns(plan),
  otherNames: ReadonlyMap<string, number> = new Map(),
): ExperimentRecord {
  const { experiment, file, variants, cells, shots } = plan;
  const { name, protocol, templates, seeds, executor } = experiment;
  const { model } = cells[0]!.config;
  const before = readRecord(recordFile(runsOf(plan), name));
  const counted = new Map([
    ...[...(before?.datasets ?? []), ...(before?.targets ?? [])].map(
      (set) => [set.name, set.otherNames ?? 0] as const,
    ),
    ...otherNames,
  ]);
  const named = ({ name, title, published }: Plan["trained"][number]) => {
    const otherNames = counted.get(name) ?? 0;
    return { name, title, published, ...(otherNames > 0 ? { otherNames } : {}) };
  };
  return {
    name,
    file,
    protocol,
    runs: runsOf(plan),
    model,
    templates,
    seeds,
    shots,
    methods: variants.map(({ name, preset }) => {
      const { config } = cells.find(({ method }) => method === name)!;
      const own = config.model === model ? {} : { model: config.model };
      return { name, kind: methodKind(preset, config), ...own, changed: changedSettings(config) };
    }),
    datasets: plan.trained.map(named),
    targets: plan.targets.map(named),
    executor,
    cells: cells.map(({ name, method, dataset, shots, seed }) => ({
      run: found.get(name) ?? null,
      method,
      dataset,
      shots,
      seed,
    })),
  };
}

/** Writes an experiment's record; gives its file. */
export async function writeRecord(record: ExperimentRecord): Promise<string> {
  const file = recordFile(record.runs, record.name);
  await writeJsonAtomically(file, record);
  return file;
}

/** The records of all experiments beside a folder of runs, by name; those that cannot be read are left out. */
export function readRecords(runs: string): ExperimentRecord[] {
  const folder = join(dirname(runs), "experiments");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readRecord(recordFile(runs, name)) ?? []);
}

/** An experiment's record; null where there is none that can be read (it is replaced atomically). */
export function readRecord(file: string): ExperimentRecord | null {
  try {
    return experimentRecordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}
