import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { readFrozen } from "../protocol/frozen";
import { isLiving } from "../protocol/living";
import {
  isDeleted,
  pendingControl,
  requestControl,
  type RunPaths,
  runPaths,
} from "../protocol/runFolder";
import { readStatus, runState, type Status } from "../protocol/status";
import { messageOf } from "../util/errors";
import { isRunning, processStart } from "../util/processStart";
import { goneReason } from "./executor";
import { inTurn } from "./fairOrder";
import { type Machine, memoryLeft, memoryNeed, type Place, placeFor } from "./places";
import { type Entry, type QueuePaths, readEntries, writeEntry } from "./queueStore";
import { freeSlot, handOverSlot, type Slot, takeSlot } from "./slots";
import { startTrainer } from "./startTrainer";

/** The queue as its process works on it. Everything that has to survive that process is in the entries' files. */
export interface Queue {
  paths: QueuePaths;
  machine: Machine;
  /** How trainers that this process started ended, by the entry's name: the exit code, or null after a signal. */
  ends: Map<string, number | null>;
  /** Called when a trainer ends. */
  wake: () => void;
}

/**
 * One look at the queue: takes note of trainers that ended, passes on requests, and starts what fits. Gives whether there
 * is anything left to wait for.
 */
export function advance(queue: Queue): boolean {
  const stopping = existsSync(queue.paths.stop);
  for (const entry of readEntries(queue.paths)) {
    if (entry.state === "running") settle(queue, entry, stopping);
    if (entry.state === "waiting" && entry.cancelled)
      end(queue, entry, { state: "stopped", reason: "was taken back before it started" });
  }
  if (!stopping) startAll(queue);
  return hasWork(queue.paths);
}

/** Whether anything runs, or waits while the queue is not stopped. */
export function hasWork(paths: QueuePaths): boolean {
  const stopping = existsSync(paths.stop);
  return readEntries(paths).some(
    ({ state }) => state === "running" || (state === "waiting" && !stopping),
  );
}

/** Starts waiting runs as long as there is a place for one. */
function startAll(queue: Queue): void {
  // A kind of run that found no place is not tried again for its many likes.
  const full = new Set<string>();
  for (;;) {
    const entries = readEntries(queue.paths);
    // A run that was taken back and handed in again first ends as it was asked to.
    const atWork = new Set(entries.flatMap(({ state, run }) => (state === "running" ? run : [])));
    const next = inTurn(entries).find(
      (entry) => !atWork.has(entry.run) && tryStart(queue, entry, full),
    );
    if (next === undefined) return;
  }
}

/** Starts a run if there is a place for it; one that cannot be started at all is ended. Gives whether it did either. */
function tryStart(queue: Queue, entry: Entry, full: Set<string>): boolean {
  const paths = runPaths(entry.run);
  const status = readStatus(paths);
  if (status && isLiving(runState(status))) {
    attach(queue, entry, status);
    return true;
  }
  if (isDeleted(paths)) {
    end(queue, entry, { state: "failed", reason: goneReason });
    return true;
  }
  try {
    const config = readFrozen(paths);
    const kind = `${config.device} ${config.threads} ${entry.parallel}`;
    if (full.has(kind)) return false;
    const place = placeFor(config, entry.parallel, queue.machine);
    const slot = hasMemory(queue, entry) ? takeSlot(place.slots, randomUUID()) : null;
    if (slot === null) {
      full.add(kind);
      return false;
    }
    start(queue, entry, paths, slot, place);
  } catch (error) {
    end(queue, entry, { state: "failed", reason: messageOf(error) });
  }
  return true;
}

/** A run that somebody else started is watched like one's own. */
function attach({ paths }: Queue, entry: Entry, { pid, processStart: start, nonce }: Status): void {
  Object.assign(entry, {
    state: "running",
    started: new Date().toISOString(),
    nonceBefore: `before ${nonce}`,
    trainer: pid === null ? null : { pid, processStart: start },
    slot: null,
    held: false,
  });
  writeEntry(paths, entry);
}

function start(queue: Queue, entry: Entry, paths: RunPaths, slot: Slot, place: Place): void {
  Object.assign(entry, {
    state: "running",
    attempts: entry.attempts + 1,
    started: new Date().toISOString(),
    nonceBefore: readStatus(paths)?.nonce ?? null,
    trainer: null,
    slot,
    held: false,
  });
  // First the entry: should this process die right after the start, the next one looks at the run's status.
  writeEntry(queue.paths, entry);
  queue.ends.delete(entry.name);
  const { child } = startTrainer(paths, {
    environment: place.environment(basename(slot.file)),
  });
  child.on("error", () => ended(queue, entry.name, 1));
  child.on("exit", (code) => ended(queue, entry.name, code));
  if (child.pid === undefined) return;
  handOverSlot(slot, child.pid);
  entry.trainer = { pid: child.pid, processStart: processStart(child.pid) };
  writeEntry(queue.paths, entry);
}

function ended(queue: Queue, name: string, code: number | null): void {
  queue.ends.set(name, code);
  queue.wake();
}

/** Looks after a run that was started: passes on what is asked of it, and decides what follows when its trainer is gone. */
function settle(queue: Queue, entry: Entry, stopping: boolean): void {
  const paths = runPaths(entry.run);
  const status = readStatus(paths);
  if (lives(entry, status)) {
    if (stopping && !entry.cancelled && !entry.held) {
      entry.held = true;
      writeEntry(queue.paths, entry);
    }
    if ((stopping || entry.cancelled) && !pendingControl(paths).includes("stop"))
      requestControl(paths, "stop");
    return;
  }
  if (isDeleted(paths)) {
    end(queue, entry, { state: "failed", reason: goneReason });
    return;
  }
  // Only what this start wrote says how it ended.
  const state = status && status.nonce !== entry.nonceBefore ? runState(status) : null;
  const code = queue.ends.get(entry.name);
  if (state === "stopped" && entry.held && !entry.cancelled) wait(queue, entry, 0);
  else if (state === "finished" || state === "failed" || state === "stopped")
    end(queue, entry, null);
  else if (entry.cancelled)
    end(queue, entry, { state: "interrupted", reason: "was taken back when its process had died" });
  else if (state === null && code)
    end(queue, entry, {
      state: "failed",
      reason: lastLine(paths) ?? `ended with exit code ${code}`,
    });
  else if (entry.attempts <= entry.retries) wait(queue, entry, entry.attempts);
  else
    end(queue, entry, {
      state: "interrupted",
      reason: `its process died ${entry.attempts === 1 ? "once" : `${entry.attempts} times`}; \`glad resume\` goes on from its last checkpoint`,
    });
}

function lives({ trainer }: Entry, status: Status | null): boolean {
  if (trainer !== null && isRunning(trainer)) return true;
  return status !== null && isLiving(runState(status));
}

function wait(queue: Queue, entry: Entry, attempts: number): void {
  free(entry);
  Object.assign(entry, { state: "waiting", attempts, held: false, trainer: null, slot: null });
  writeEntry(queue.paths, entry);
}

function end(queue: Queue, entry: Entry, outcome: Entry["outcome"]): void {
  free(entry);
  Object.assign(entry, { state: "done", outcome, held: false, trainer: null, slot: null });
  writeEntry(queue.paths, entry);
}

function free({ slot }: Entry): void {
  if (slot !== null) freeSlot(slot);
}

/**
 * Whether memory suffices for one more run. Trainers that have not begun to compute will still take theirs. A number of
 * runs that the user named is not questioned, and a run that is alone always starts.
 */
function hasMemory({ paths }: Queue, entry: Entry): boolean {
  if (entry.parallel !== "auto") return true;
  const running = readEntries(paths).filter(({ state }) => state === "running");
  if (running.length === 0) return true;
  const promised = running
    .filter(({ run }) => !isDeleted(runPaths(run)))
    .filter(({ run }) => readStatus(runPaths(run))?.state !== "running")
    .reduce((sum, { run }) => sum + needOf(run), 0);
  return memoryLeft() - promised >= needOf(entry.run);
}

function needOf(run: string): number {
  return memoryNeed(readFrozen(runPaths(run)));
}

function lastLine({ log }: RunPaths): string | null {
  try {
    return readFileSync(log, "utf8").trim().split("\n").at(-1) || null;
  } catch {
    return null;
  }
}
