import { existsSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LocalSettings } from "../protocol/executor";
import { isLiving } from "../protocol/living";
import { requestControl, runPaths } from "../protocol/runFolder";
import { readStatus } from "../protocol/status";
import { makeFolderSync } from "../util/makeFolder";
import type { HoldingProcess } from "../util/thisProcess";
import { type Executor, type Standing, standingOf } from "./executor";
import {
  addEntries,
  cancelEntry,
  type Entry,
  type QueuePaths,
  queuePaths,
  readEntries,
} from "./queueStore";
import { ensureQueue, queueHolder } from "./runQueue";

/**
 * The queue on this machine, with its state in `folder` (`.glad/queue`). A process of its own works on it, which outlives
 * whoever handed in the runs; should it die, whoever touches the queue next starts another one, which takes up the work.
 */
export function localExecutor(settings: LocalSettings, folder: string): Executor {
  const paths = queuePaths(resolve(folder));
  const entriesOf = (runs: readonly string[]): Map<string, Entry> => {
    const all = lastEntries(paths);
    return new Map(
      runs.flatMap((run) => {
        const entry = all.get(resolve(run));
        return entry === undefined ? [] : [[entry.run, entry]];
      }),
    );
  };
  return {
    async submit(runs) {
      const entries = entriesOf(runs);
      const taken = [...new Set(runs.map((run) => resolve(run)))].filter((run) => {
        const entry = entries.get(run);
        const held = entry !== undefined && entry.state !== "done" && !entry.cancelled;
        return !held && standingOf(run).state !== "finished";
      });
      if (taken.length > 0) addEntries(paths, taken, settings);
      rmSync(paths.stop, { force: true });
      await ensureQueue(paths);
      return taken;
    },
    standings(runs) {
      const entries = entriesOf(runs);
      return Promise.resolve(
        runs.map((run) => queueStanding(resolve(run), entries.get(resolve(run)))),
      );
    },
    async cancel(runs) {
      const held = [...entriesOf(runs)].filter(([, { state }]) => state !== "done");
      // One that was taken back before may still wait for the queue's process to notice.
      const taken = held.filter(([run, entry]) => !queueStanding(run, entry).settled);
      for (const [run, entry] of held) {
        cancelEntry(paths, entry);
        if (isLiving(standingOf(run).state)) requestControl(runPaths(run), "stop");
      }
      await ensureQueue(paths);
      return taken.map(([run]) => run);
    },
    idle() {
      const held = readEntries(paths).some(
        ({ state, cancelled }) => state !== "done" && !cancelled,
      );
      if (!held || queueHolder(paths) !== null) return null;
      return existsSync(paths.stop)
        ? "Nobody works on the queue: it was stopped"
        : "Nobody works on the queue: its process has ended";
    },
    resume: () => ensureQueue(paths),
  };
}

/**
 * Stops a queue: runs at work end after their present step, with everything saved, and wait with the others until
 * `startQueue`.
 */
export async function stopQueue(folder: string): Promise<void> {
  const paths = queuePaths(resolve(folder));
  makeFolderSync(paths.folder);
  writeFileSync(paths.stop, "");
  // Runs whose queue died are asked by the next one.
  await ensureQueue(paths);
}

/** Goes on with a queue that was stopped, or whose process died. */
export async function startQueue(folder: string): Promise<void> {
  const paths = queuePaths(resolve(folder));
  rmSync(paths.stop, { force: true });
  await ensureQueue(paths);
}

/** A queue as a person is told of it. */
export interface QueueStatus {
  /** The process that works on it; null where none does. */
  worker: HoldingProcess | null;
  /** Whether it was stopped and not started again. */
  stopped: boolean;
  /** Every run that it holds, or was done with in the last days, in the order of handing in. */
  standings: Standing[];
}

export function queueStatus(folder: string): QueueStatus {
  const paths = queuePaths(resolve(folder));
  return {
    worker: queueHolder(paths),
    stopped: existsSync(paths.stop),
    standings: [...lastEntries(paths)].map(([run, entry]) => queueStanding(run, entry)),
  };
}

/** Each run's entry; of two, where it was taken back and handed in again, the later one. */
function lastEntries(paths: QueuePaths): Map<string, Entry> {
  return new Map(readEntries(paths).map((entry) => [entry.run, entry]));
}

/** How a run stands by its folder and what the queue knows of it. */
function queueStanding(run: string, entry: Entry | undefined): Standing {
  const standing = standingOf(run);
  if (entry === undefined || isLiving(standing.state)) return standing;
  switch (entry.state) {
    case "waiting":
      if (entry.cancelled)
        return { ...standing, state: "stopped", reason: takenBack, settled: true };
      return { ...standing, state: "waiting", reason: waitingFor(entry), settled: false };
    case "running":
      // Its end was not noticed yet, or whoever would notice has ended.
      if (standing.state === "finished") return standing;
      if (standing.state === "interrupted")
        return entry.cancelled
          ? { ...standing, state: "stopped", reason: takenBack, settled: true }
          : { ...standing, state: "waiting", reason: resumedSoon, settled: false };
      // Its trainer has not spoken yet.
      return { ...standing, state: "starting", reason: null, settled: false };
    case "done": {
      const nonce = readStatus(runPaths(run))?.nonce ?? null;
      const newer = nonce !== null && nonce !== entry.nonceBefore && entry.attempts > 0;
      return entry.outcome === null || (newer && standing.state !== "interrupted")
        ? standing
        : { ...standing, ...entry.outcome };
    }
  }
}

const takenBack = "was taken back";
const resumedSoon = "its process died; it will be resumed";

function waitingFor({ attempts }: Entry): string {
  return attempts === 0 ? "waits for its turn" : resumedSoon;
}
