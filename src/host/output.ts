import { statSync } from "node:fs";
import type * as vscode from "vscode";
import type { Disposable } from "./emitter";
import { type HostRun, isLive } from "./runs/hostRun";
import type { RunStore } from "./runs/runStore";
import { tailLines } from "./runs/tail";
import { throttled } from "./throttle";

/** Milliseconds between two looks at the log of a run that is trained. */
const logInterval = 1000;

/** What of a run was told already. */
interface Told {
  state: string;
  evaluations: number;
  checkpoints: number;
  warnings: number;
  /** Asks for a look at what was added to the log. */
  log: { ask(): void; last(): void } & Disposable;
}

/** Writes what trainers say into the channel: their own log lines, and in a line each what happens to their runs. */
export function followTrainers(
  store: RunStore,
  output: vscode.LogOutputChannel,
): vscode.Disposable {
  const told = new Map<string, Told>();
  const heard = store.onChange((run) => {
    const before = told.get(run.id);
    if (store.get(run.id) !== run) {
      before?.log.dispose();
      told.delete(run.id);
    } else if (!before) told.set(run.id, firstSight(run, output));
    else if (isLive(run) || before.state !== run.state) tellChange(run, before, output);
  });
  const dispose = (): void => {
    heard.dispose();
    for (const { log } of told.values()) log.dispose();
  };
  return { dispose };
}

/**
 * Says how soon after the start of its process, and how soon after its own (`begun`, in milliseconds of `performance.now()`),
 * the extension knew its runs.
 */
export function tellAttached(
  { runs }: RunStore,
  output: vscode.LogOutputChannel,
  begun: number,
): void {
  const now = performance.now();
  const [own, sinceStart] = [now - begun, now].map(Math.round);
  const live = runs.filter(isLive).length;
  output.info(
    `${runs.length} runs, ${live} live, read after ${own} ms, ${sinceStart} ms after the host's start`,
  );
}

/** What a run said before is in its files; the channel begins where the editor does, or where a run begins. */
function firstSight(run: HostRun, output: vscode.LogOutputChannel): Told {
  const { evaluations, checkpoints, warnings } = run.record;
  const begins = run.state === "created" || run.state === "starting";
  const from = begins ? 0 : (statSync(run.paths.log, { throwIfNoEntry: false })?.size ?? 0);
  return {
    state: run.state,
    evaluations: evaluations.length,
    checkpoints: checkpoints.length,
    warnings: warnings.length,
    log: followLog(run.paths.log, from, (line) => {
      if (line !== "") output.info(`[${run.name}] ${line}`);
    }),
  };
}

/** Reads on in a log, at most once a second and one reading at a time; `last` takes an unfinished line as well. */
function followLog(file: string, from: number, say: (line: string) => void): Told["log"] {
  const tail = tailLines(file, say, { from });
  let reading: Promise<unknown> = Promise.resolve();
  const read = (toEnd: boolean): void => {
    reading = reading.then(() => tail.read(toEnd)).catch(() => undefined);
  };
  const looks = throttled(logInterval, () => read(false));
  return { ask: () => looks.ask(), dispose: () => looks.dispose(), last: () => read(true) };
}

function tellChange(run: HostRun, before: Told, output: vscode.LogOutputChannel): void {
  if (isLive(run)) before.log.ask();
  else before.log.last();
  tellRecord(run, before, output);
  if (before.state === run.state) return;
  before.state = run.state;
  const reason = run.status?.reason;
  const line = `[${run.name}] ${run.state}${reason ? `: ${reason}` : ""}`;
  if (run.state === "failed" || run.state === "interrupted") output.error(line);
  else output.info(line);
}

function tellRecord({ name, record }: HostRun, told: Told, output: vscode.LogOutputChannel): void {
  for (const { step, split, accuracy, zeroShot } of record.evaluations.slice(told.evaluations)) {
    const model = zeroShot ? "zero-shot" : `step ${step}`;
    output.info(`[${name}] ${model}, ${split}: ${accuracy.toFixed(2)}%`);
  }
  for (const { step } of record.checkpoints.slice(told.checkpoints))
    output.info(`[${name}] checkpoint at step ${step}`);
  for (const warning of record.warnings.slice(told.warnings)) output.warn(`[${name}] ${warning}`);
  told.evaluations = record.evaluations.length;
  told.checkpoints = record.checkpoints.length;
  told.warnings = record.warnings.length;
}
