import { type Command, Option } from "commander";
import { existsSync } from "node:fs";
import { follow, type Standing } from "../executors/executor";
import { collectResults } from "../experiments/collect";
import { expandExperiment, type Plan } from "../experiments/expand";
import { type LoadedExperiment, loadExperiment } from "../experiments/loadExperiment";
import { whileMaking } from "../experiments/makingLock";
import { readRecords, recordOf, runsOf } from "../experiments/record";
import { renderTable, type TableFormat, tableFormats } from "../experiments/renderTable";
import { makeTable } from "../experiments/table";
import type { HandedIn } from "../protocol/experimentStatus";
import { plural } from "../util/text";
import { registerExperimentCheck } from "./experimentCheck";
import { executorOf, foldersOf, tellWaiting } from "./experimentExecutor";
import { tellStatus } from "./experimentStatus";
import { stopExperiment } from "./experimentStop";
import { defaultRunsFolder } from "./findRun";
import { table } from "./format";
import { handedInText } from "./handedInText";
import { prepareExperiment, type Say } from "./prepareExperiment";
import { replaceRecord } from "./withdrawRuns";

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
    .option("--json", "with --detach, print as JSON what the user should know")
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
    .option("--json", "print how many runs stop, and whose else they are, as one JSON object")
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
  { detach, json, device }: { detach?: boolean; json?: boolean; device?: string },
): Promise<void> {
  const notes: string[] = [];
  const tell: Say = (line, matters = false) => {
    say(line);
    if (matters) notes.push(line);
  };
  const plan = expandExperiment(onDevice(loadExperiment(file), device));
  const { record, executor, folders, done } = await whileMaking(
    runsOf(plan),
    () => handIn(plan, tell),
    tellWaiting(),
  );
  say(`${record.name}: ${done}`);
  if (detach) {
    if (json) process.stdout.write(JSON.stringify({ notes } satisfies HandedIn) + "\n");
    return;
  }
  const leave = new AbortController();
  const onSignal = (): void => leave.abort();
  process.once("SIGINT", onSignal);
  await follow(executor, folders, { tell: teller(folders), signal: leave.signal });
  process.off("SIGINT", onSignal);
  if (leave.signal.aborted) {
    say(`the runs go on; \`glad experiment stop ${file}\` ends them`);
    process.exitCode = 130;
    return;
  }
  const results = collectResults(record);
  process.stdout.write(renderTable(makeTable(record, results), "terminal"));
  if (results.some(({ state }) => state !== "finished")) process.exitCode = 2;
}

/** The experiment with runs on another device, which their numbers do not depend on. */
function onDevice(loaded: LoadedExperiment, device: string | undefined): LoadedExperiment {
  if (device === undefined) return loaded;
  const { experiment } = loaded;
  return { ...loaded, experiment: { ...experiment, config: { ...experiment.config, device } } };
}

/** Makes the runs that are not there, and hands in all that are not finished. */
async function handIn(plan: Plan, tell: Say) {
  const record = await prepareExperiment(plan, tell);
  const withdrawn = await replaceRecord(record, (line) => tell(line, true));
  if (withdrawn.length > 0) {
    const are = withdrawn.length === 1 ? "is" : "are";
    tell(
      `${plural(withdrawn.length, "run")} that the file no longer asks for ${are} taken back`,
      true,
    );
  }
  const executor = executorOf(record);
  // What is finished for this experiment may be at work for another.
  const results = collectResults(record);
  const cells = results.flatMap(({ cell, state }) => (state === "finished" ? [] : cell));
  const folders = foldersOf({ ...record, cells });
  const taken = await executor.submit(folders);
  return { record, executor, folders, done: handedInText(results, { runs: record.runs, taken }) };
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
