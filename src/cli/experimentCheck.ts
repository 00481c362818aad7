import { text as readAll } from "node:stream/consumers";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { readOnce } from "../data/readData";
import { missingCommands } from "../executors/slurmCommands";
import { checkExperimentData, modelsOf } from "../experiments/checkData";
import { checkExperiment } from "../experiments/checkExperiment";
import { expandExperiment, type Plan } from "../experiments/expand";
import { freshRuns, madeAgain, type StaleRuns } from "../experiments/freshRuns";
import {
  type LoadedExperiment,
  parseExperiment,
  parseExperimentText,
} from "../experiments/loadExperiment";
import { type MendableProblem, placeOfSet, problemOfCell } from "../experiments/problemOfCell";
import { runsOf } from "../experiments/record";
import { takenName } from "../experiments/takenName";
import { isHubId, resolveModel } from "../models/hub";
import type { ConfigFinding, ConfigFix } from "../protocol/configFinding";
import { lineOf } from "../protocol/parseText";
import { messageOf, UserError } from "../util/errors";
import { readTextFile } from "../util/jsonFile";
import { plural } from "../util/text";

interface ExperimentCheck {
  stdin?: boolean;
  json?: boolean;
}

/** Adds `glad experiment check`: what is wrong with a file, before anything is made. */
export function registerExperimentCheck(experiment: Command, fileArgument: string): void {
  experiment
    .command("check")
    .description("say what is wrong with an experiment file, its data and its models")
    .argument("<file>", fileArgument)
    .option("--stdin", "read the text from standard input, as if it stood in the file")
    .option("--json", "print the findings as JSON")
    .action(async (file: string, { stdin, json }: ExperimentCheck) => {
      const text = stdin
        ? await readAll(process.stdin)
        : readTextFile(file, "the experiment", "check the path, or write one");
      const found = await problemsOf(text, file);
      const output = json
        ? `${JSON.stringify(found.map(finding), null, 2)}\n`
        : report(found, text, file);
      process.stdout.write(output);
      if (found.some(({ state }) => state !== "note")) process.exitCode = 1;
    });
}

/** What is wrong with the text itself, or else with what it names. */
async function problemsOf(text: string, file: string): Promise<MendableProblem[]> {
  const path = resolve(file);
  try {
    const loaded = { experiment: parseExperiment(text, file, dirname(path)), file: path };
    const wrong = checkExperiment(loaded).map((problem) => ({ ...problem, fixes: [] }));
    if (wrong.length > 0) return wrong;
    const { root } = loaded.experiment;
    const look: ConfigFix[] = root === null ? [] : [{ kind: "checkData", root }];
    const data = checkExperimentData(loaded).map((problem) => ({ ...problem, fixes: look }));
    const missing = [...data, ...modelsOf(loaded).flatMap(missingModel)];
    const named = nameOfAnother(loaded);
    const found = missing.length > 0 ? missing : await problemsInCells(loaded);
    return [...named, ...found, ...(await withoutCluster(loaded))];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return messageOf(error)
      .split("\n")
      .map((message) => ({ path: [], message, fixes: [] }));
  }
}

/** What is wrong in what models and data sets hold, and with processors. */
async function problemsInCells(loaded: LoadedExperiment): Promise<MendableProblem[]> {
  const plan = expandExperiment(loaded);
  const { cells, experiment } = plan;
  // Loaded here, so that a mistake in the text is told without the engine.
  const { problemsOfCells } = await import("./cellProblems");
  // The processors of a cluster are not this machine's.
  const device = experiment.executor.kind === "local";
  const read = readOnce();
  const problems = await problemsOfCells(cells, { device, read });
  const { stale } = await freshRuns(plan, read);
  return [
    ...problems.map(({ cell, finding }) => problemOfCell(experiment, cell, finding)),
    ...stale.map((runs) => noteOf(runs, plan)),
  ];
}

/** Runs that are there and would be made again: no mistake, but hours that nobody may expect. */
function noteOf(runs: StaleRuns, plan: Plan): MendableProblem {
  const message = madeAgain(runs, runsOf(plan), " when the experiment is run");
  const { set } = runs;
  const path = set === null ? ["config", "data", "list"] : placeOfSet(plan, set);
  return { path, message, fixes: [], state: "note", ofStaleRuns: true };
}

/** The file may be meant for another machine, where Slurm is. */
async function withoutCluster({ experiment }: LoadedExperiment): Promise<MendableProblem[]> {
  const message = experiment.executor.kind === "slurm" ? await missingCommands() : null;
  return message === null
    ? []
    : [{ path: ["executor", "kind"], message, fixes: [], state: "note" }];
}

function nameOfAnother(loaded: LoadedExperiment): MendableProblem[] {
  const taken = takenName(loaded);
  if (!taken) return [];
  const fixes: ConfigFix[] = [{ kind: "set", values: { name: taken.free } }];
  return [{ path: ["name"], message: taken.message, fixes }];
}

function missingModel({ path, model }: ReturnType<typeof modelsOf>[number]): MendableProblem[] {
  try {
    resolveModel(model);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const fixes: ConfigFix[] = isHubId(model) ? [{ kind: "pull", model }] : [];
    return [{ path, message: error.message, fixes }];
  }
}

function finding(problem: MendableProblem): ConfigFinding {
  const { path, message, fixes, state = "failed", ofStaleRuns } = problem;
  return { setting: path.join("."), state, message, ...(ofStaleRuns && { ofStaleRuns }), fixes };
}

/** A line for each problem and note, with its place in the file. */
function report(found: readonly MendableProblem[], text: string, file: string): string {
  const lines = found.map(({ path, message, state }) => {
    const said = state === "note" ? `note: ${message}` : message;
    return path.length === 0
      ? said
      : `${file}${lineOf(text, parseExperimentText(text, file), path)}: ${said}`;
  });
  const problems = found.filter(({ state }) => state !== "note").length;
  const sum = problems === 0 ? `${file}: nothing is wrong` : plural(problems, "problem");
  return [...lines, sum, ""].join("\n");
}
