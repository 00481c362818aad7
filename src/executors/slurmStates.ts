import { UserError } from "../util/errors";
import { accountedStates, noAnswer, queuedStates, type TaskState } from "./slurmCommands";

const waitingStates = new Set([
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_HOLD",
  "REQUEUE_FED",
  "RESV_DEL_HOLD",
  "SPECIAL_EXIT",
  "SUSPENDED",
]);
const workingStates = new Set([
  "RUNNING",
  "COMPLETING",
  "RESIZING",
  "SIGNALING",
  "STAGE_OUT",
  "STOPPED",
]);

export function isAtWork({ state }: TaskState): boolean {
  return workingStates.has(state);
}

export function hasEnded({ state }: TaskState): boolean {
  return !waitingStates.has(state) && !workingStates.has(state);
}

/** Gives the states of tasks ("12_3"), asked anew where `fresh` or the last answer is too old; a task that Slurm does not know is missing. */
export type AskSlurm = (
  tasks: readonly string[],
  fresh: boolean,
) => Promise<ReadonlyMap<string, TaskState>>;

/** So long the accounts are asked for a task that neither they nor the controller know, in milliseconds. */
const patience = 60_000;

/**
 * Asks Slurm for the states of tasks, and gives its last answer where that is younger than so many milliseconds, or Slurm does not answer
 * now. The controller tells of tasks until some minutes after their end, each on its own; where the cluster keeps accounts, these
 * tell of the others how they ended, which is asked until they say it, or for a minute: they are written with a delay.
 */
export function askSlurm(milliseconds: number): AskSlurm {
  let last: Map<string, TaskState> | null = null;
  let asked: ReadonlySet<string> = new Set();
  let time = 0;
  let keepsAccounts = true;
  const ended = new Map<string, TaskState>();
  /** When the controller was first found not to tell of a task. */
  const forgotten = new Map<string, number>();
  const noteEnded = async (tasks: readonly string[]): Promise<void> => {
    const accounted = await accountedStates(jobsOf(tasks));
    keepsAccounts = accounted !== null;
    for (const task of tasks) {
      const state = accounted?.get(task);
      // At work by the accounts alone is what a controller lost that was set up anew.
      if (state && hasEnded(state)) ended.set(task, state);
    }
  };
  return async (tasks, fresh) => {
    // Of fewer tasks than were asked for the last answer tells as well: runs finish one after the other.
    const same = tasks.every((task) => asked.has(task));
    if (last !== null && same && !fresh && Date.now() - time < milliseconds) return last;
    const queued = await queuedStates(jobsOf(tasks));
    if (queued === null && (last === null || !same)) throw new UserError(noAnswer);
    if (queued !== null) {
      const now = Date.now();
      // One that was put back into the queue is forgotten anew.
      for (const task of queued.keys()) forgotten.delete(task);
      const unknown = tasks.filter((task) => !queued.has(task) && !ended.has(task));
      for (const task of unknown) if (!forgotten.has(task)) forgotten.set(task, now);
      const sought = unknown.filter((task) => now - forgotten.get(task)! < patience);
      if (keepsAccounts) await noteEnded(sought);
      last = new Map([...ended, ...queued]);
      asked = new Set(tasks);
    }
    time = Date.now();
    return last!;
  };
}

function jobsOf(tasks: readonly string[]): string[] {
  return [...new Set(tasks.map((task) => task.split("_")[0]!))];
}
