import type { RunEventBody } from "../protocol/events";
import { type FrozenConfig, readFrozen } from "../protocol/frozen";
import { readCompleteResult } from "../protocol/completeResult";
import { checkpointSteps, runPaths, type RunPaths } from "../protocol/runFolder";
import { readStatus, type Status } from "../protocol/status";
import { parseDevice } from "../runtime/device";
import { type EventLog, openEventLog } from "../train/eventLog";
import { type LeaseWatch, watchLease } from "../train/leaseWatch";
import { type LoopEnd, train } from "../train/loop";
import { type OpenRun, openRun } from "../train/openRun";
import { measuredSplits } from "../train/measuredSplits";
import { checkHold, type Holder, lockRun, RunLost } from "../train/runLock";
import { openStatus, type StatusWriter } from "../train/statusWriter";
import { messageOf, UserError } from "../util/errors";
import { readLock } from "../util/lockFile";
import { explainRefusal } from "../util/systemRefusal";
import { plural } from "../util/text";
import { thisProcess } from "../util/thisProcess";

/**
 * Trains the run of a folder from its last checkpoint, or from the beginning, on its own device or on another; with one
 * that has finished there is nothing to do. Gives the exit code; the reason of a bad
 * end is in status.json, the events and on standard error (log.txt), which may be gone with the parent.
 */
export async function runTrainer(folder: string, device: string | null = null): Promise<number> {
  const paths = runPaths(folder);
  let release = (): void => undefined;
  let status: StatusWriter | null = null;
  let log: EventLog | null = null;
  try {
    // What is no run has no lock either.
    readFrozen(paths);
    const holder = thisProcess();
    release = await lockWhenFree(paths, holder);
    // Only now: what an experiment had a run measured on besides was written by who held it before.
    const config = overridden(readFrozen(paths), device);
    if (readStatus(paths)?.state === "finished") return 0;
    status = openStatus(paths, { ...firstStatus(paths, config), ...holder });
    log = openEventLog(paths);
    const lease = watchLease(paths);
    const end = await trainRun(paths, config, holder, { status, log, lease });
    await status.close({
      state: end === "stopped" ? "stopped" : "finished",
      reason: reasonOf(end, lease),
    });
    return end === "stopped" ? 130 : 0;
  } catch (thrown) {
    if (thrown instanceof RunLost) {
      process.stderr.write(`${thrown.message}\n`);
      await status?.abandon();
      return 2;
    }
    const error = explainRefusal(thrown);
    const message = messageOf(error);
    process.stderr.write(`${message}\n${error instanceof UserError ? "" : detail(error)}`);
    tell(log, { type: "failed", step: status?.step ?? readStatus(paths)?.step ?? 0, message });
    await status?.close({ state: "failed", reason: message });
    return error instanceof UserError ? 1 : 2;
  } finally {
    log?.close();
    release();
  }
}

/** Locks a run; one who holds it for a moment, to change its configuration, is waited for. */
async function lockWhenFree(paths: RunPaths, holder: Holder): Promise<() => void> {
  for (let waited = 0; ; waited += 100) {
    try {
      return lockRun(paths, holder);
    } catch (error) {
      if (waited >= 5000 || readLock<Holder>(paths.lock)?.isBrief !== true) throw error;
      await new Promise((settle) => setTimeout(settle, 100));
    }
  }
}

/** What a run was measured on that has come to its end and is there still; one that goes on from an earlier step measures all anew. */
function measuredBefore(paths: RunPaths, config: FrozenConfig): ReadonlySet<string> | null {
  const result = readCompleteResult(paths.result);
  if (result === null) return null;
  const isThere = result.step === 0 || checkpointSteps(paths).at(-1) === result.step;
  return isThere ? measuredSplits(result, config) : null;
}

const reasons: Record<LoopEnd, string> = {
  completed: "all steps were made",
  plateau: "the accuracy on the validation split no longer improved (evaluation.earlyStop)",
  stopped: "stopped on request; it can be resumed",
};

function reasonOf(end: LoopEnd, lease: LeaseWatch): string {
  const minutes = end === "stopped" ? lease.runOut() : null;
  if (minutes === null) return reasons[end];
  return `no window of the editor was open for ${plural(minutes, "minute")} (glad.onWindowClose); it can be resumed`;
}

async function trainRun(
  paths: RunPaths,
  config: FrozenConfig,
  holder: Holder,
  { status, log, lease }: { status: StatusWriter; log: EventLog; lease: LeaseWatch },
): Promise<LoopEnd> {
  let signalled = false;
  const onSignal = (): void => {
    // Who asks twice does not want to wait for the step and the checkpoint; the last one stays valid.
    if (signalled) process.exit(130);
    signalled = true;
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  // Looked at before each word, and before each checkpoint by its sync: what another trainer writes by now must stay whole.
  const held = (): void => checkHold(paths, holder);
  let run: OpenRun | null = null;
  try {
    run = await openRun(paths, config, measuredBefore(paths, config));
    // Opening takes its time, and what comes next tidies the folder up.
    held();
    return await train(paths, config, run, {
      event(body) {
        held();
        log.write(body);
      },
      status: (change) => void status.update(change),
      sync() {
        held();
        log.sync();
      },
      stopAsked() {
        held();
        return signalled || lease.runOut() !== null;
      },
      now: () => status.now(),
    });
  } catch (error) {
    // What could not be read or written may be so because the run is gone.
    held();
    throw error;
  } finally {
    await run?.close();
  }
}

/** The device is the one setting that may change over a run's life: another machine may go on with it. */
function overridden(config: FrozenConfig, device: string | null): FrozenConfig {
  if (device === null) return config;
  parseDevice(device);
  return { ...config, device };
}

function firstStatus(paths: RunPaths, config: FrozenConfig): Status {
  return {
    state: "starting",
    pid: null,
    processStart: null,
    host: null,
    nonce: null,
    heartbeat: new Date().toISOString(),
    step: readStatus(paths)?.step ?? 0,
    steps: config.run.steps,
    device: null,
    reason: null,
  };
}

/** The last event of a run that fails; where the disk is full it is the status, or the log, that tells. */
function tell(log: EventLog | null, event: RunEventBody): void {
  try {
    log?.write(event);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
  }
}

function detail(error: unknown): string {
  return error instanceof Error && error.stack ? `${error.stack}\n` : "";
}
