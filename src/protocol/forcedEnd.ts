import { renameSync, rmSync, writeFileSync } from "node:fs";
import { readLock } from "../util/lockFile";
import { isLiving } from "./living";
import { checkpointSteps, type RunPaths } from "./runFolder";
import { readStatus, type Status } from "./status";

/** What is said of a trainer that did not heed the request to stop. */
export const unheeded = "stopped on request: its trainer did not answer and was ended by force";
/** What is said of one that nobody wanted to wait for. */
export const unawaited = "stopped on request: its trainer was ended at once";

/**
 * Says in the status of a run that somebody stopped it and ended its trainer, and what is kept: the trainer can say nothing any
 * more, and without a word the run would count as interrupted. Call it right after the signal, since a queue asks the folder at
 * once why its trainer ended, and again a moment later: a last heartbeat, or a follower's word, may have come between. Nothing is
 * written where the trainer itself said how it ended, or where another one has the run by now.
 */
export function noteForcedEnd(
  paths: RunPaths,
  { nonce }: Pick<Status, "nonce">,
  why: string,
): void {
  const status = readStatus(paths);
  if (!status || status.nonce !== nonce || !isLiving(status.state)) return;
  const holder = readLock(paths.lock);
  if (holder !== null && holder.nonce !== nonce) return;
  const saved = checkpointSteps(paths).at(-1);
  const rest =
    saved === undefined
      ? "there is no checkpoint yet, so resuming begins anew"
      : `the checkpoint of step ${saved} is kept, and resuming goes on from there`;
  // Steps are told a moment after they are made.
  const step = Math.max(status.step, saved ?? 0);
  const reason = `${why}; ${rest}`;
  const ended: Status = { ...status, state: "stopped", step, forced: true, reason };
  const temporary = `${paths.status}.${process.pid}.tmp`;
  try {
    // Without waiting for the disk: who asks why the trainer ended may ask in a millisecond.
    writeFileSync(temporary, JSON.stringify(ended, null, 2) + "\n");
    renameSync(temporary, paths.status);
  } catch {
    // A disk that takes nothing must not undo the stopping: the run counts as interrupted then.
    rmSync(temporary, { force: true });
  }
}

/** Milliseconds after which it is said again. */
export const saidAgainAfter = 200;
