import { once } from "node:events";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statfsSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { StartedTrainer } from "../executors/startTrainer";
import { unawaited, noteForcedEnd } from "../protocol/forcedEnd";
import type { FrozenConfig } from "../protocol/frozen";
import { readEvents, readEventsFrom } from "../protocol/readEvents";
import {
  checkpointName,
  checkpointSteps,
  isDeleted,
  requestControl,
  type RunPaths,
} from "../protocol/runFolder";
import { readStatus } from "../protocol/status";
import type { RunResult } from "../train/result";
import { deletedWhileTrained } from "../train/runLock";
import { nativeReason } from "../util/nativeReason";
import { plural } from "../util/text";
import { writeAtomically } from "../util/writeAtomically";
import { count, labelled, shownPath } from "./format";
import { duration } from "../protocol/pace";
import { resultTable } from "./renderResult";
import type { Reporter } from "./reporter";

/** Milliseconds between two looks at the events. */
const pollInterval = 50;

interface TrainerEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Tells what a trainer of ours does until it ends, from byte `offset` of its events on. Ctrl-C asks it to stop after the
 * present step, a second one ends it at once. Gives the exit code: 0 done, 1 user's mistake, 2 failure, 130 stopped.
 */
export async function followRun(
  paths: RunPaths,
  trainer: StartedTrainer,
  reporter: Reporter,
  offset: number,
): Promise<number> {
  const signals = handleSignals(paths, trainer, reporter);
  let failed = false;
  const look = (): void => {
    const chunk = readEventsFrom(paths.events, offset);
    offset = chunk.offset;
    for (const event of chunk.events) {
      failed ||= event.type === "failed";
      reporter.event(event);
    }
    reporter.tick();
  };
  try {
    const ended = once(trainer.child, "exit") as Promise<
      [TrainerEnd["code"], TrainerEnd["signal"]]
    >;
    const poll = setInterval(look, pollInterval);
    const [code, signal] = await ended.finally(() => clearInterval(poll));
    look();
    reporter.close();
    return await explainEnd(paths, trainer, reporter, {
      code,
      signal,
      failed,
      killed: signals.killed(),
    });
  } finally {
    signals.release();
  }
}

/** Where the events end now; the followers of a new start begin there. */
export function eventsEnd(paths: RunPaths): number {
  return readEventsFrom(paths.events, 0).offset;
}

/** What the reporter of a run has to know of its configuration. */
export function planOf({ run, evaluation }: FrozenConfig) {
  return { steps: run.steps, zeroShot: evaluation.zeroShot, every: evaluation.every };
}

/** The trainer has its own session, so that a terminal's Ctrl-C reaches this process alone. */
function handleSignals(
  paths: RunPaths,
  { child }: StartedTrainer,
  reporter: Reporter,
): { killed: () => boolean; release: () => void } {
  let asked = false;
  let killed = false;
  const onStop = (): void => {
    if (asked) {
      killed = true;
      child.kill("SIGKILL");
      return;
    }
    asked = true;
    requestControl(paths, "stop");
    reporter.say(labelled("stopping", "after this step; Ctrl-C again ends the trainer at once"));
  };
  process.on("SIGINT", onStop);
  process.on("SIGTERM", onStop);
  return {
    killed: () => killed,
    release() {
      process.off("SIGINT", onStop);
      process.off("SIGTERM", onStop);
    },
  };
}

async function explainEnd(
  paths: RunPaths,
  trainer: StartedTrainer,
  reporter: Reporter,
  { code, signal, failed, killed }: TrainerEnd & { failed: boolean; killed: boolean },
): Promise<number> {
  const id = basename(paths.folder);
  if (isDeleted(paths)) {
    complain(deletedWhileTrained(paths), "");
    return killed ? 130 : 2;
  }
  const status = readStatus(paths);
  if (signal !== null) {
    const text = logSince(paths, trainer.logStart);
    // Of a crash the system's word is all that there is.
    const plain = isForce(signal) ? "the trainer was ended by force" : "the trainer crashed";
    const reason = nativeReason(text) ?? plain;
    if (killed && status) noteForcedEnd(paths, status, unawaited);
    else await noteReason(paths, trainer, reason);
    const [newest] = checkpointSteps(paths).slice(-1);
    const from = newest === undefined ? "the beginning" : `step ${newest}`;
    complain(
      `${id}: ${reason} (${signal}); \`glad resume ${id}\` goes on from ${from}`,
      tail(text),
    );
    return killed ? 130 : 2;
  }
  if (code === 0 || code === 130) {
    reporter.say(endLines(paths, id));
    return code;
  }
  const text = logSince(paths, trainer.logStart);
  if (failed && status?.reason) complain(status.reason, "");
  else if (text.trim() === "" && isFull(paths.folder))
    complain(
      `${paths.folder}: cannot be written: the disk is full; free some space, then \`glad resume ${id}\` goes on`,
      "",
    );
  else complain(`${id}: the trainer ended with exit code ${code}`, tail(text));
  return code ?? 2;
}

/** Whether a signal is sent by somebody, or by a system that has no memory left; others tell of a crash. */
function isForce(signal: NodeJS.Signals): boolean {
  return ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"].includes(signal);
}

/** On a disk with less than this even the trainer's reason does not always fit. */
const leastBytes = 2 ** 16;

function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < leastBytes;
}

/** The result as a table, which steps changed nothing, and where the adapter lies. */
export function endLines(paths: RunPaths, id: string): string[] {
  const result = readResult(paths);
  if (result === null) return [];
  const { step, reason, seconds } = result;
  const place = `at step ${count(step)} after ${duration(seconds.total)}`;
  const adapter = labelled("adapter", shownPath(join(paths.checkpoints, checkpointName(step))));
  if (reason === "stopped")
    return [...labelled("stopped", `${place}; \`glad resume ${id}\` goes on`), ...adapter];
  const why =
    reason === "completed"
      ? "all steps were made"
      : "the validation accuracy no longer improved (evaluation.earlyStop)";
  const end = [...labelled("finished", `${place}: ${why}`), ...skippedLines(paths, result)];
  return ["", ...resultTable(result), "", ...end, ...adapter];
}

/** How many steps were skipped and why: each was told as it happened, but there may be thousands of lines since. */
function skippedLines({ events }: RunPaths, { skippedSteps, step }: RunResult): string[] {
  if (skippedSteps === 0) return [];
  const last = readEvents(events).findLast((event) => event.type === "skipped");
  const why = last ? `, the last because ${last.reason}` : "";
  return labelled("skipped", `${count(skippedSteps)} of ${plural(step, "step")}${why}`);
}

/** result.json of a run, or null where it has none yet. */
function readResult(paths: RunPaths): RunResult | null {
  if (!existsSync(paths.result)) return null;
  return JSON.parse(readFileSync(paths.result, "utf8")) as RunResult;
}

/** Who looks at the run later finds in its status why the trainer is gone, unless whoever ended it has said so there. */
async function noteReason(
  paths: RunPaths,
  { child }: StartedTrainer,
  reason: string,
): Promise<void> {
  const status = readStatus(paths);
  if (!status || (status.forced && status.pid === child.pid)) return;
  await writeAtomically(paths.status, async (file) => {
    await file.writeFile(JSON.stringify({ ...status, reason }, null, 2) + "\n");
  });
}

function complain(message: string, detail: string): void {
  process.stderr.write(`${message}\n${detail}`);
}

function logSince(paths: RunPaths, start: number): string {
  const descriptor = openSync(paths.log, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - start));
    readSync(descriptor, bytes, 0, bytes.length, start);
    return bytes.toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** The last lines of a text, indented. */
function tail(text: string): string {
  const lines = text.trimEnd().split("\n").slice(-10);
  return lines.join("") === "" ? "" : lines.map((line) => `  ${line}\n`).join("");
}
