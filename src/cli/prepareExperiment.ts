import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type ReadData, readOnce } from "../data/readData";
import { missingCommands } from "../executors/slurmCommands";
import { collectResults } from "../experiments/collect";
import { toldName } from "../experiments/chosenSets";
import type { Plan, PlannedCell } from "../experiments/expand";
import { freshRuns, madeAgain } from "../experiments/freshRuns";
import { takeMachineSettings } from "../experiments/machineSettings";
import { problemOfCell } from "../experiments/problemOfCell";
import { readRecord, recordOf, removeHalfMade, runsOf } from "../experiments/record";
import { recordFile } from "../experiments/recordFile";
import { requireDataSets } from "../experiments/requireDataSets";
import { refuseTakenName } from "../experiments/takenName";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import { runPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";
import { plural } from "../util/text";

/** Hears a sentence for the user; `matters`: it is of something that nobody would expect, and not of the usual course. */
export type Say = (line: string, matters?: boolean) => void;

/**
 * Makes the runs of an experiment that are not there, has others measured on what was added, and gives the record that the
 * experiment has then. To be called by one process at a time (`whileMaking`).
 */
export async function prepareExperiment(plan: Plan, say: Say): Promise<ExperimentRecord> {
  refuseTakenName(plan);
  removeHalfMade(runsOf(plan));
  const read = readOnce();
  const { found, stale } = await freshRuns(plan, read);
  const missing = plan.cells.filter(({ name }) => !found.has(name));
  const finished = new Set(
    collectResults(recordOf(plan, found)).flatMap(({ cell, state }) =>
      state === "finished" ? cell.run : [],
    ),
  );
  await requireCells(
    plan,
    plan.cells.filter(({ name }) => !finished.has(found.get(name) ?? null)),
    read,
  );
  for (const runs of stale) say(madeAgain(runs, runsOf(plan)), true);
  await adaptRuns(plan, found, { read, say });
  if (missing.length > 0) await makeRuns(plan, missing, { found, read, say });
  return recordOf(plan, found, await otherNamesIn(plan, read));
}

/** Lets runs that were made before take what the file says now of the machine, and of what they are measured on. */
async function adaptRuns(
  plan: Plan,
  found: ReadonlyMap<string, string>,
  { read, say }: { read: ReadData; say: Say },
): Promise<void> {
  const added = new Map<string, number>();
  const busy = new Map<string, number>();
  const tell = onlyOnce(say);
  const { measureAlso } = await import("../train/measureAlso");
  for (const { name, config } of plan.cells) {
    const run = found.get(name);
    if (run === undefined) continue;
    const paths = runPaths(join(runsOf(plan), run));
    const more = await measureAlso(paths, config, read);
    // Of one that is over nothing is changed, unless it is now to go on.
    await takeMachineSettings(paths, config);
    const counts = more.busy ? busy : added;
    for (const target of more.names) counts.set(target, (counts.get(target) ?? 0) + 1);
    for (const note of more.notes) tell(note);
  }
  for (const [target, count] of added)
    say(
      `${toldName(plan, target)}: ${plural(count, "run")} made before ${count === 1 ? "is" : "are"} measured on it as well`,
    );
  for (const [target, count] of busy)
    say(
      `${toldName(plan, target)}: ${plural(count, "run")} at work ${count === 1 ? "is" : "are"} not measured on it yet; the same command does it once ${count === 1 ? "it has" : "they have"} ended`,
      true,
    );
}

/** Every run on a data set has the same to say of it. */
function onlyOnce(say: Say): Say {
  const told = new Set<string>();
  return (line) => {
    if (!told.has(line)) say(line);
    told.add(line);
  };
}

/**
 * Refuses to begin where models, data or a processor show that runs would fail, or where they cannot be handed in; all that is
 * wrong is told at once.
 */
async function requireCells(
  plan: Plan,
  cells: readonly PlannedCell[],
  read: ReadData,
): Promise<void> {
  if (cells.length === 0) return;
  requireDataSets(cells, plan);
  const { problemsOfCells } = await import("./cellProblems");
  // The processors of a cluster are not this machine's.
  const device = plan.experiment.executor.kind === "local";
  const problems = await problemsOfCells(cells, { device, read });
  const lines = problems.map(
    ({ cell, finding }) =>
      `${basename(plan.file)}, ${problemOfCell(plan.experiment, cell, finding).message}`,
  );
  const noCluster = device ? null : await missingCommands();
  if (noCluster !== null)
    lines.push(`${basename(plan.file)}, executor.kind is "slurm": ${noCluster}`);
  if (lines.length > 0) throw new UserError(lines.join("\n"));
}

/** Makes the run folders of cells, and none where one of them cannot be made. */
async function makeRuns(
  plan: Plan,
  missing: readonly PlannedCell[],
  { found, read, say }: { found: Map<string, string>; read: ReadData; say: Say },
): Promise<void> {
  const { createRun } = await import("../train/createRun");
  const tell = onlyOnce(say);
  const made: string[] = [];
  for (const cell of missing) {
    const { config, given } = cell;
    try {
      const { paths, config: frozen, notes } = await createRun(config, { given, read });
      made.push(paths.folder);
      found.set(cell.name, frozen.run.id);
      for (const note of notes) tell(note);
    } catch (error) {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
      if (!(error instanceof UserError)) throw error;
      throw new UserError(ofCell(error.message, cell, plan));
    }
  }
  say(`${plural(missing.length, "run")} made in ${runsOf(plan)}`);
}

/** For each data set of a plan that its record does not know yet, how many classes are not named as published. */
async function otherNamesIn(plan: Plan, read: ReadData): Promise<Map<string, number>> {
  const before = readRecord(recordFile(runsOf(plan), plan.experiment.name));
  const known = new Set(
    [...(before?.datasets ?? []), ...(before?.targets ?? [])].map(({ name }) => name),
  );
  const { countOtherNames } = await import("../data/otherNames");
  const found = new Map<string, number>();
  const count = (name: string, set: Parameters<ReadData>[0]): void => {
    if (known.has(name) || found.has(name)) return;
    try {
      found.set(name, countOtherNames(set, read));
    } catch (error) {
      // Of runs that are there the data set may be elsewhere by now.
      if (!(error instanceof UserError)) throw error;
    }
  };
  for (const { dataset, config } of plan.cells) {
    count(dataset, config.data);
    for (const target of config.evaluation.targets) count(target.name ?? target.dataset, target);
  }
  return found;
}

/** Lets the user's mistakes say which of many runs they are of. */
function ofCell(message: string, { method, dataset }: PlannedCell, plan: Plan): string {
  return `${basename(plan.file)}, ${method} on ${toldName(plan, dataset)}: ${message}`;
}
