import { basename, join } from "node:path";
import { readOnce } from "../data/readData";
import type { Executor, Standing } from "../executors/executor";
import { collectResults } from "../experiments/collect";
import { expandExperiment, type Plan } from "../experiments/expand";
import { freshRuns, madeAgain } from "../experiments/freshRuns";
import { type Held, withHeld } from "../experiments/held";
import { loadExperiment } from "../experiments/loadExperiment";
import { progressOf } from "../experiments/progress";
import { readRecord, recordOf } from "../experiments/record";
import { recordFile } from "../experiments/recordFile";
import { readCompleteResult } from "../protocol/completeResult";
import type { Cell, ExperimentRecord } from "../protocol/experimentRecord";
import type { ExperimentStatus } from "../protocol/experimentStatus";
import { runPaths } from "../protocol/runFolder";
import { percentDone } from "../protocol/pace";
import { readStatus } from "../protocol/status";
import type { CellProgress } from "../protocol/tablePage";
import { UserError } from "../util/errors";
import { plural } from "../util/text";
import { executorOf, foldersOf } from "./experimentExecutor";
import { labelled, table } from "./format";

/** Tells how the runs of an experiment stand: by data set and method, and what keeps those that are not at work. */
export async function tellStatus(file: string, { json }: { json?: boolean }): Promise<void> {
  const plan = expandExperiment(loadExperiment(file));
  const record = recordOf(plan);
  const stale = await staleRuns(plan, record);
  if (json) {
    process.stdout.write(JSON.stringify({ ...(await statusOf(record)), stale }) + "\n");
    return;
  }
  const { lines, held } = await standing(record);
  const lost = lostRuns(record);
  const heldUp = [
    ...(lost > 0 ? tellLost(record, lost) : tellUnmade(record)),
    ...lines,
    ...(stale ?? []).flatMap((why) => labelled("finished, but", why)),
  ];
  const progress = progressOf(record, withHeld(record, collectResults(record), held));
  const rows = progress.map((cell) => [
    cell.dataset,
    cell.method,
    `${cell.finished} of ${cell.runs}`,
    countsOf(cell),
    `${percentDone(cell.share)}%`,
  ]);
  const shown = table([["data set", "method", "finished", "", "done"], ...rows], [4]);
  process.stdout.write([...shown, ...(heldUp.length > 0 ? ["", ...heldUp] : []), ""].join("\n"));
}

/** "1 running, 2 only to be measured" */
function countsOf({ running, measuring, failed }: CellProgress): string {
  const counts: [number, string][] = [
    [running, "running"],
    [measuring, "only to be measured"],
    [failed, "failed"],
  ];
  return counts.flatMap(([count, what]) => (count > 0 ? `${count} ${what}` : [])).join(", ");
}

/** How to start an experiment that has no runs yet, in a line. */
function tellUnmade({ cells, file }: ExperimentRecord): string[] {
  if (cells.some(({ run }) => run !== null)) return [];
  return labelled("not run yet", `\`glad experiment run ${basename(file)}\` starts it`);
}

/** How many runs were made and are not there any more, in a line. */
function tellLost({ file }: ExperimentRecord, count: number): string[] {
  const what = `deleted, moved away or damaged; \`glad experiment run ${basename(file)}\` makes ${count === 1 ? "it" : "them"} again`;
  return labelled(plural(count, "run"), what);
}

/**
 * How many runs the record beside them knows that are not there any more: no folder, no result that can be read, and no other run in
 * their place.
 */
function lostRuns({ name, runs, cells }: ExperimentRecord): number {
  const key = ({ run: _run, ...cell }: Cell): string => JSON.stringify(cell);
  const there = new Set(cells.filter(({ run }) => run !== null).map(key));
  const made = readRecord(recordFile(runs, name))?.cells ?? [];
  const wanted = new Set(cells.map(key));
  const isLost = (run: string): boolean => {
    const paths = runPaths(join(runs, run));
    const status = readStatus(paths);
    return !status || (status.state === "finished" && !readCompleteResult(paths.result));
  };
  return made.filter(
    (cell) =>
      cell.run !== null && wanted.has(key(cell)) && !there.has(key(cell)) && isLost(cell.run),
  ).length;
}

/**
 * Which runs of a finished experiment hold no longer, as sentences. Null of others, whose images are looked at when they are run, and
 * not each time that somebody watches them.
 */
async function staleRuns(plan: Plan, record: ExperimentRecord): Promise<string[] | null> {
  if (collectResults(record).some(({ state }) => state !== "finished")) return null;
  const { stale } = await freshRuns(plan, readOnce());
  return stale.map((runs) => madeAgain(runs, record.runs, " when the experiment is run"));
}

/** What keeps runs from being at work: a line for each state and reason with how many they are, and what the executor holds. */
async function standing(experiment: ExperimentRecord): Promise<{ lines: string[]; held: Held }> {
  const executor = executorOf(experiment);
  const asked = await ask(experiment, executor);
  const nothing = { waiting: new Set<string>(), ended: new Map<string, string>() };
  if (typeof asked === "string") return { lines: labelled("unknown", asked), held: nothing };
  const counts = new Map<string, number>();
  for (const { state, reason } of asked) {
    if (["starting", "running"].includes(state)) continue;
    const why = state === "finished" ? "is to be measured on more data sets" : reason;
    const what = why === null ? state : `${state}: ${why}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const lines = [...counts].flatMap(([what, count]) => labelled(plural(count, "run"), what));
  const waits = asked.some(({ state }) => state === "waiting");
  const idle = waits ? executor.idle() : null;
  const goOn = `\`glad experiment run ${basename(experiment.file)}\` goes on with what`;
  const works = asked.some(({ state }) => ["starting", "running"].includes(state));
  if (idle !== null) lines.push(...labelled("", `${idle}; ${goOn} waits`));
  else if (counts.size > 0 && !waits && !works) lines.push(...labelled("", `${goOn} is left`));
  const held = {
    waiting: new Set(asked.filter(({ state }) => state === "waiting").map(({ folder }) => folder)),
    ended: new Map(endedOf(asked)),
  };
  return { lines, held };
}

/** How an executor says that the runs stand, or why it cannot be asked: the runs are there all the same. */
async function ask(experiment: ExperimentRecord, executor: Executor): Promise<Standing[] | string> {
  // What is finished for this experiment may be at work for another.
  const cells = collectResults(experiment).flatMap(({ cell, state }) =>
    state === "finished" ? [] : cell,
  );
  try {
    return await executor.standings(foldersOf({ ...experiment, cells }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

/** Why the executor gave up runs that are not finished, by folder. */
function endedOf(standings: readonly Standing[]): [folder: string, reason: string][] {
  return standings.flatMap(({ folder, settled, state, reason }): [string, string][] =>
    settled && (state === "failed" || state === "interrupted") && reason !== null
      ? [[folder, reason]]
      : [],
  );
}

async function statusOf(experiment: ExperimentRecord): Promise<Omit<ExperimentStatus, "stale">> {
  const executor = executorOf(experiment);
  const lost = lostRuns(experiment);
  const asked = await ask(experiment, executor);
  if (typeof asked === "string")
    return { experiment, pending: {}, ended: {}, lost, idle: null, trouble: asked };
  const pending = asked
    .filter(({ settled, state }) => !settled && state !== "created")
    .map(({ folder, reason }) => [folder, reason] as const);
  return {
    experiment,
    pending: Object.fromEntries(pending),
    ended: Object.fromEntries(endedOf(asked)),
    lost,
    idle: executor.idle(),
    trouble: null,
  };
}
