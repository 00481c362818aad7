import { Worker } from "node:worker_threads";
import type { RunPaths } from "../protocol/runFolder";
import type { Status } from "../protocol/status";
import { programFile } from "../util/programs";
import { awakeTime, newTicks } from "./awakeClock";

/** Writes a run's status while its trainer lives. */
export interface StatusWriter {
  /** The step that was told last, which the file may have a moment later. */
  readonly step: number;
  /** Milliseconds of a clock that stands still while the process is suspended. */
  now(): number;
  /** Merges a change; the promise is settled when it is on the disk (or could not be put there). */
  update(change: Partial<Status>): Promise<void>;
  /** Writes a last change and ends the heartbeat. */
  close(change: Partial<Status>): Promise<void>;
  /** Ends the heartbeat without a word: the run has become somebody else's. */
  abandon(): Promise<void>;
}

/** Starts the heartbeat with a first status. One with a nonce is written only while the run's lock has the same. */
export function openStatus({ status: file, lock }: RunPaths, status: Status): StatusWriter {
  const ticks = newTicks();
  const workerData = { file, lock, status, ticks };
  const worker = new Worker(programFile("statusWorker.js"), { workerData });
  const waiting = new Map<number, () => void>();
  let sent = 0;
  let { step } = status;
  worker.on("message", ({ id }: { id: number }) => {
    waiting.get(id)?.();
    waiting.delete(id);
  });
  // A worker that cannot start, or has died, must not leave anybody waiting; the run goes on without a heartbeat.
  let ended = false;
  const settleAll = (): void => {
    ended = true;
    waiting.forEach((settle) => settle());
  };
  worker.on("error", settleAll);
  worker.on("exit", settleAll);
  const update = (change: Partial<Status>): Promise<void> =>
    new Promise((resolve) => {
      step = change.step ?? step;
      if (ended) return resolve();
      waiting.set(++sent, resolve);
      worker.postMessage({ change, id: sent });
    });
  return {
    get step() {
      return step;
    },
    now: () => awakeTime(ticks, !ended),
    update,
    async close(change) {
      await update(change);
      await worker.terminate();
    },
    async abandon() {
      await worker.terminate();
    },
  };
}
