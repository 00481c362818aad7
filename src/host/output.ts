import { statSync } from "node:fs";
import type * as vscode from "vscode";
import { type HostRun, isLive } from "./runs/hostRun";
import type { RunStore } from "./runs/runStore";
import { type Tail, tailLines } from "./runs/tail";

/** What of a run was told already. */
interface Told {
  state: string;
  evaluations: number;
  checkpoints: number;
  warnings: number;
  log: Tail;
}

/** Writes what trainers say into the channel: their own log lines, and in a line each what happens to their runs. */
export function followTrainers(
  store: RunStore,
  output: vscode.LogOutputChannel,
): vscode.Disposable {
  const told = new Map<string, Told>();
  return store.onChange((run) => {
    const before = told.get(run.id);
    if (!before) {
      told.set(run.id, firstSight(run, output));
      return;
    }
    if (!isLive(run) && before.state === run.state) return;
    void before.log.read();
    tellRecord(run, before, output);
    if (before.state === run.state) return;
    before.state = run.state;
    const reason = run.status?.reason;
    const line = `[${run.name}] ${run.state}${reason ? `: ${reason}` : ""}`;
    if (run.state === "failed" || run.state === "interrupted") output.error(line);
    else output.info(line);
  });
}

/** What a run said before is in its files; the channel begins where the editor does, or where a run begins. */
function firstSight(run: HostRun, output: vscode.LogOutputChannel): Told {
  const { evaluations, checkpoints, warnings } = run.record;
  const begins = run.state === "created" || run.state === "starting";
  const from = begins ? 0 : (statSync(run.paths.log, { throwIfNoEntry: false })?.size ?? 0);
  const say = (line: string): void => {
    if (line !== "") output.info(`[${run.name}] ${line}`);
  };
  return {
    state: run.state,
    evaluations: evaluations.length,
    checkpoints: checkpoints.length,
    warnings: warnings.length,
    log: tailLines(run.paths.log, say, from),
  };
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
