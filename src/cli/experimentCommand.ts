import { type Command, Option } from "commander";
import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { follow, type Standing } from "../executors/executor";
import { missingCommands } from "../executors/slurmCommands";
import { type ReadData, readOnce } from "../data/readData";
import { collectResults } from "../experiments/collect";
import { expandExperiment, type Plan, type PlannedCell } from "../experiments/expand";
import { freshRuns } from "../experiments/freshRuns";
import { type LoadedExperiment, loadExperiment } from "../experiments/loadExperiment";
import { takeMachineSettings } from "../experiments/machineSettings";
import { whileMaking } from "../experiments/makingLock";
import { problemOfCell } from "../experiments/problemOfCell";
import { readRecords, recordOf, removeHalfMade, runsOf, writeRecord } from "../experiments/record";
import { renderTable, type TableFormat, tableFormats } from "../experiments/renderTable";
import { requireDataSets } from "../experiments/requireDataSets";
import { makeTable } from "../experiments/table";
import { refuseTakenName } from "../experiments/takenName";
import type { ExperimentRecord } from "../protocol/experimentRecord";
import { runPaths } from "../protocol/runFolder";
import { UserError } from "../util/errors";
import { plural } from "../util/text";
import { registerExperimentCheck } from "./experimentCheck";
import { executorOf, foldersOf, tellWaiting } from "./experimentExecutor";
import { tellStatus } from "./experimentStatus";
import { stopExperiment } from "./experimentStop";
import { defaultRunsFolder } from "./findRun";
import { table } from "./format";

const fileArgument = "experiment file, e.g. glad.experiment.json";

/** Adds `glad experiment`: many runs from one file, and what they add up to. */
export function registerExperiment(program: Command): void {
  const experiment = program
    .command("experiment")
    .description("carry out a protocol's runs from one file and make its table");
  experiment
    .command("run")
    .description("make the runs that are not there yet, carry them out and print the table")
    .argument("<file>", fileArgument)
    .option("--detach", "hand the runs in and leave; `glad experiment status` tells how they go")
    .option("--device <device>", "compute on this processor, whatever the file's config says")
    .action(run);
  experiment
    .command("table")
    .description("print the table of the runs that are finished")
    .argument("<file>", fileArgument)
    .addOption(new Option("--format <format>", "how").choices(tableFormats).default("terminal"))
    .action((file: string, { format }: { format: TableFormat }) => {
      const record = recordOf(expandExperiment(loadExperiment(file)));
      process.stdout.write(renderTable(makeTable(record, collectResults(record)), format));
    });
  experiment
    .command("status")
    .description("tell how an experiment's runs stand")
    .argument("<file>", fileArgument)
    .option("--json", "print the runs and what waits as one JSON object")
    .action(tellStatus);
  registerExperimentCheck(experiment, fileArgument);
  experiment
    .command("stop")
    .description("take back what waits and stop what runs; `run` goes on later")
    .argument("<file>", fileArgument)
    .action(stopExperiment);
  experiment
    .command("list")
    .description("list the experiments of this folder")
    .action(() => {
      const lines = readRecords(defaultRunsFolder()).map((record) => {
        const results = collectResults(record);
        const finished = results.filter(({ state }) => state === "finished").length;
        return [
          record.name,
          record.protocol,
          `${finished} of ${plural(results.length, "run")}`,
          existsSync(record.file) ? record.file : `${record.file} (is gone)`,
        ];
      });
      const text = lines.length === 0 ? ["no experiment yet"] : table(lines);
      process.stdout.write(text.join("\n") + "\n");
    });
}

async function run(
  file: string,
  { detach, device }: { detach?: boolean; device?: string },
): Promise<void> {
  const plan = expandExperiment(onDevice(loadExperiment(file), device));
  const { record, executor, folders, taken } = await whileMaking(
    runsOf(plan),
    () => handIn(plan),
    tellWaiting(),
  );
  say(
    `${record.name}: ${plural(folders.length, "run")}, ${folders.length - taken.length} of them finished or handed in before`,
  );
  if (detach) return;
  const leave = new AbortController();
  const onSignal = (): void => leave.abort();
  process.once("SIGINT", onSignal);
  const standings = await follow(executor, folders, {
    tell: teller(folders),
    signal: leave.signal,
  });
  process.off("SIGINT", onSignal);
  if (leave.signal.aborted) {
    say(`the runs go on; \`glad experiment stop ${file}\` ends them`);
    process.exitCode = 130;
    return;
  }
  process.stdout.write(renderTable(makeTable(record, collectResults(record)), "terminal"));
  if (standings.some(({ state }) => state !== "finished")) process.exitCode = 2;
}

/** The experiment with runs on another device, which their numbers do not depend on. */
function onDevice(loaded: LoadedExperiment, device: string | undefined): LoadedExperiment {
  if (device === undefined) return loaded;
  const { experiment } = loaded;
  return { ...loaded, experiment: { ...experiment, config: { ...experiment.config, device } } };
}

/** Makes the runs that are not there, and hands in all that are not finished. */
async function handIn(plan: Plan) {
  const record = await prepare(plan);
  const executor = executorOf(record);
  const folders = foldersOf(record);
  return { record, executor, folders, taken: await executor.submit(folders) };
}

/** Makes the runs that are not there, has others measured on what was added, and writes the experiment's record. */
async function prepare(plan: Plan): Promise<ExperimentRecord> {
  refuseTakenName(plan);
  removeHalfMade(runsOf(plan));
  const read = readOnce();
  const { found, stale } = freshRuns(plan, read);
  const missing = plan.cells.filter(({ name }) => !found.has(name));
  const finished = new Set(
    collectResults(recordOf(plan, found)).flatMap(({ cell, state }) =>
      state === "finished" ? cell.run : [],
    ),
  );
  await requireCells(
    plan,
    plan.cells.filter(({ name }) => !finished.has(found.get(name) ?? null)),
  );
  tellStale(stale, runsOf(plan));
  await adaptRuns(plan, found, read);
  const names = missing.length > 0 ? await makeRuns(plan, missing, found, read) : undefined;
  const record = recordOf(plan, found, names);
  await writeRecord(record);
  return record;
}

function tellStale(stale: ReadonlyMap<string, number>, runs: string): void {
  for (const [dataset, count] of stale)
    say(
      `${dataset}: the images are others than those that ${plural(count, "run")} took; made again, and the old ones stay in ${runs}`,
    );
}

/** Lets runs that were made before take what the file says now of the machine, and of what they are measured on. */
async function adaptRuns(
  plan: Plan,
  found: ReadonlyMap<string, string>,
  read: ReadData,
): Promise<void> {
  const added = new Map<string, number>();
  const busy = new Map<string, number>();
  const told = new Set<string>();
  const { measureAlso } = await import("../train/measureAlso");
  for (const { name, config } of plan.cells) {
    const run = found.get(name);
    if (run === undefined) continue;
    const paths = runPaths(join(runsOf(plan), run));
    await takeMachineSettings(paths, config);
    const more = await measureAlso(paths, config, read);
    const counts = more.busy ? busy : added;
    for (const target of more.names) counts.set(target, (counts.get(target) ?? 0) + 1);
    tellOnce(more.notes, told);
  }
  for (const [target, count] of added)
    say(
      `${target}: ${plural(count, "run")} made before ${count === 1 ? "is" : "are"} measured on it as well`,
    );
  for (const [target, count] of busy)
    say(
      `${target}: ${plural(count, "run")} at work ${count === 1 ? "is" : "are"} not measured on it yet; the same command does it once ${count === 1 ? "it has" : "they have"} ended`,
    );
}

/** Every run on a data set has the same to say of it. */
function tellOnce(notes: readonly string[], told: Set<string>): void {
  for (const note of notes) if (!told.has(note)) say(note);
  notes.forEach((note) => told.add(note));
}

/**
 * Refuses to begin where models, data or a processor show that runs would fail, or where they cannot be handed in; all that is
 * wrong is told at once.
 */
async function requireCells(plan: Plan, cells: readonly PlannedCell[]): Promise<void> {
  if (cells.length === 0) return;
  requireDataSets(cells, plan.file);
  const { problemsOfCells } = await import("./cellProblems");
  // The processors of a cluster are not this machine's.
  const device = plan.experiment.executor.kind === "local";
  const problems = await problemsOfCells(cells, { device });
  const lines = problems.map(
    ({ cell, finding }) =>
      `${basename(plan.file)}, ${problemOfCell(plan.experiment, cell, finding).message}`,
  );
  const noCluster = device ? null : await missingCommands();
  if (noCluster !== null)
    lines.push(`${basename(plan.file)}, executor.kind is "slurm": ${noCluster}`);
  if (lines.length > 0) throw new UserError(lines.join("\n"));
}

/**
 * Makes the run folders of cells, and none where one of them cannot be made. Gives for each of their data sets how many classes are not
 * named as published.
 */
async function makeRuns(
  plan: Plan,
  missing: readonly PlannedCell[],
  found: Map<string, string>,
  read: ReadData,
): Promise<Map<string, number>> {
  const { createRun } = await import("../train/createRun");
  const told = new Set<string>();
  const made: string[] = [];
  for (const cell of missing) {
    const { config, given } = cell;
    try {
      const { paths, config: frozen, notes } = await createRun(config, { given, read });
      made.push(paths.folder);
      found.set(cell.name, frozen.run.id);
      tellOnce(notes, told);
    } catch (error) {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
      if (!(error instanceof UserError)) throw error;
      throw new UserError(ofCell(error.message, cell, plan));
    }
  }
  say(`${plural(missing.length, "run")} made in ${runsOf(plan)}`);
  return otherNamesOf(missing, read);
}

/** For each data set of some runs, how many classes are not named as published; each was just read. */
async function otherNamesOf(
  cells: readonly PlannedCell[],
  read: ReadData,
): Promise<Map<string, number>> {
  const { countOtherNames } = await import("../data/otherNames");
  const found = new Map<string, number>();
  const count = (name: string, set: Parameters<ReadData>[0]): void => {
    if (!found.has(name)) found.set(name, countOtherNames(set, read));
  };
  for (const { dataset, config } of cells) {
    count(dataset, config.data);
    for (const target of config.evaluation.targets) count(target.name ?? target.dataset, target);
  }
  return found;
}

/** Lets the user's mistakes say which of many runs they are of. */
function ofCell(message: string, { method, dataset }: PlannedCell, { file }: Plan): string {
  return `${basename(file)}, ${method} on ${dataset}: ${message}`;
}

/** Says of each run when it begins and ends. */
function teller(folders: readonly string[]): (standing: Standing) => void {
  const states = new Map<string, string>();
  return ({ folder, state, reason, settled }) => {
    const before = states.get(folder);
    states.set(folder, state);
    // What was finished before is no news.
    if (before === state || (before === undefined && settled && state === "finished")) return;
    if (state === "waiting" || state === "starting" || state === "created") return;
    const done = [...states.values()].filter((each) => each === "finished").length;
    const why = state === "running" || reason === null ? "" : `: ${reason}`;
    say(`[${done}/${folders.length}] ${folder.split(/[\\/]/).at(-1)!} ${state}${why}`);
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
