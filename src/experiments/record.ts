import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ExperimentRecord, experimentRecordSchema } from "../protocol/experiment";
import { runPaths, runsFolder } from "../protocol/runFolder";
import { readStatus } from "../protocol/status";
import { writeAtomically } from "../util/writeAtomically";
import { methodKind, type Plan } from "./expand";

/** The folder of the run folders of a plan; all its runs have one `output`. */
export function runsOf({ cells }: Plan): string {
  return runsFolder(cells[0]!.config.output);
}

/** The runs of cells that were made before, by the cell's name: the newest where there are several. */
export function findRuns(runs: string): Map<string, string> {
  const found = new Map<string, string>();
  if (!existsSync(runs)) return found;
  for (const id of readdirSync(runs).sort()) {
    const name = /^\d{8}-\d{6}-(.+)$/.exec(id)?.[1];
    // A run without a status was being made when its maker died.
    if (name !== undefined && readStatus(runPaths(join(runs, id)))) found.set(name, id);
  }
  return found;
}

/** The record of a plan, with the runs that are there. */
export function recordOf(plan: Plan, found = findRuns(runsOf(plan))): ExperimentRecord {
  const { experiment, file, variants, cells, shots } = plan;
  const { name, protocol, templates, seeds, executor } = experiment;
  const named = ({ name, title, published }: Plan["trained"][number]) => ({
    name,
    title,
    published,
  });
  return {
    name,
    file,
    protocol,
    runs: runsOf(plan),
    model: cells[0]!.config.model,
    templates,
    seeds,
    shots,
    methods: variants.map(({ name, preset }) => {
      const { config } = cells.find(({ method }) => method === name)!;
      return { name, kind: methodKind(preset, config) };
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

/** `.glad/experiments/NAME/experiment.json`, beside the folder of the runs. */
export function recordFile(runs: string, name: string): string {
  return join(dirname(runs), "experiments", name, "experiment.json");
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
