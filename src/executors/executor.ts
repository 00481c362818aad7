import { isLiving } from "../protocol/living";
import { isDeleted, runPaths } from "../protocol/runFolder";
import { readStatus, type RunState, runState } from "../protocol/status";

/** "waiting" is a run that an executor holds and has not started, or will start again. */
export type JobState = RunState | "waiting";

/** How a run stands with the executor that it was handed to. */
export interface Standing {
  folder: string;
  state: JobState;
  step: number;
  steps: number;
  /** Why it ended or waits, a sentence for the user. */
  reason: string | null;
  /** Whether the executor is done with it: it will not change without being handed in again. */
  settled: boolean;
}

/** Somewhere to carry out runs. How they go is read from the run folders; the executor knows what waits and where. */
export interface Executor {
  /** Hands in runs; those that are finished or that it already holds are left out. Gives the folders that were taken. */
  submit(runs: readonly string[]): Promise<string[]>;
  /** How runs stand, in the order of the arguments. */
  standings(runs: readonly string[]): Promise<Standing[]>;
  /** Takes runs back: what waits is not started, what runs stops after its present step. Gives the folders of those that it held. */
  cancel(runs: readonly string[]): Promise<string[]>;
  /** Why nobody works on what it holds, a sentence for the user; null where somebody does, or where nothing is held. */
  idle(): string | null;
  /** Sees to it that what was handed in is carried out, should whoever does that have died. */
  resume(): Promise<void>;
}

export interface FollowOptions {
  /** Told of every run whose standing changed, and of all at the beginning. */
  tell?: (standing: Standing) => void;
  /** Ends the following; the runs go on. */
  signal?: AbortSignal;
  /** Time between two looks. */
  milliseconds?: number;
}

/** Watches runs until all are settled, or until the signal. Gives how they stand then. */
export async function follow(
  executor: Executor,
  runs: readonly string[],
  { tell, signal, milliseconds = 1000 }: FollowOptions = {},
): Promise<Standing[]> {
  const told = new Map<string, string>();
  for (;;) {
    const standings = await executor.standings(runs);
    for (const standing of standings) {
      const text = JSON.stringify(standing);
      if (told.get(standing.folder) === text) continue;
      told.set(standing.folder, text);
      tell?.(standing);
    }
    if (signal?.aborted || standings.every(({ settled }) => settled)) return standings;
    await executor.resume();
    await pause(milliseconds, signal);
  }
}

/** Why a run cannot go on whose folder is not there any more. */
export const goneReason = "its folder was deleted or moved away";

/** How a run stands by its folder alone. */
export function standingOf(folder: string): Standing {
  const paths = runPaths(folder);
  const status = readStatus(paths);
  if (status === null && isDeleted(paths))
    return { folder, state: "failed", step: 0, steps: 0, reason: goneReason, settled: true };
  const state = status ? runState(status) : "created";
  return {
    folder,
    state,
    step: status?.step ?? 0,
    steps: status?.steps ?? 0,
    reason: status?.reason ?? null,
    settled: !isLiving(state),
  };
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      settle();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
  });
}
