import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ExperimentRecord, experimentRecordSchema } from "../protocol/experimentRecord";
import { runPaths, runsFolder } from "../protocol/runFolder";
import { readStatus } from "../protocol/status";
import { writeAtomically } from "../util/writeAtomically";
import { changedSettings } from "./changedSettings";
import { hasResult } from "./collect";
import type { Plan } from "./expand";
import { methodKind } from "./methods";
import { recordFile } from "./recordFile";

/** The folder of the run folders of a plan; all its runs have one `output`. */
export function runsOf({ cells }: Plan): string {
  return runsFolder(cells[0]!.config.output);
}

/**
 * The runs of cells that were made before (of all, or of those of some names), by the cell's name. Where there are several, a
 * finished one, else the newest. A finished run whose result is not there, or cannot be read, cannot be told of, so it is made again.
 */
export function findRuns(runs: string, names?: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, { id: string; finished: boolean }>();
  if (!existsSync(runs)) return new Map();
  for (const id of readdirSync(runs).sort()) {
    const name = cellName.exec(id)?.[1];
    if (name === undefined || names?.has(name) === false) continue;
    const paths = runPaths(join(runs, id));
    const status = readStatus(paths);
    // A run without a status was being made when its maker died.
    if (!status) continue;
    const finished = status.state === "finished";
    if (finished ? !hasResult(paths.result) : found.get(name)?.finished) continue;
    found.set(name, { id, finished });
  }
  return new Map([...found].map(([name, { id }]) => [name, id]));
}

/** The runs of a plan's cells that were made before, by the cell's name. */
export function madeRuns(plan: Plan): Map<string, string> {
  return findRuns(runsOf(plan), new Set(plan.cells.map(({ name }) => name)));
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

/** A run's folder is called by its time, its cell's name, which ends with eight digits of a hash, and a number where that was taken. */
const cellName = /^\d{8}-\d{6}-(.+-[0-9a-f]{8})(?:-\d+)?$/;

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
  await writeAtomically(file, async (handle) => {
    await handle.writeFile(JSON.stringify(record, null, 2) + "\n");
  });
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
