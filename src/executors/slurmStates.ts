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

/**
 * Asks Slurm for the states of tasks, and gives its last answer where that is younger than so many milliseconds, or Slurm does not answer
 * now. The controller tells of tasks until some minutes after their end, each on its own; where the cluster keeps accounts, these
 * tell of the others how they ended, which is asked once.
 */
export function askSlurm(milliseconds: number): AskSlurm {
  let last: Map<string, TaskState> | null = null;
  let asked = "";
  let time = 0;
  let keepsAccounts = true;
  const ended = new Map<string, TaskState>();
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
    const same = asked === tasks.join();
    if (last !== null && same && !fresh && Date.now() - time < milliseconds) return last;
    const queued = await queuedStates(jobsOf(tasks));
    if (queued === null && (last === null || !same)) throw new UserError(noAnswer);
    if (queued !== null) {
      const forgotten = tasks.filter((task) => !queued.has(task) && !ended.has(task));
      if (keepsAccounts) await noteEnded(forgotten);
      last = new Map([...ended, ...queued]);
    }
    asked = tasks.join();
    time = Date.now();
    return last!;
  };
}

function jobsOf(tasks: readonly string[]): string[] {
  return [...new Set(tasks.map((task) => task.split("_")[0]!))];
}
