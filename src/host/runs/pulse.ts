import { isStale, isThisHost, secondsSince, staleSeconds } from "../../protocol/heartbeat";
import { isLiving } from "../../protocol/living";
import type { RunPaths } from "../../protocol/runFolder";
import type { RunState, Status } from "../../protocol/status";
import { type Holder, isHeldHere } from "../../protocol/trainerLock";
import { readLock } from "../../util/lockFile";
import { findProcessStart, processExists } from "../../util/processStart";

/** How a run's trainer fares. */
export interface Health {
  state: RunState;
  /** For how many seconds a trainer that is there has given no sign of life; null where it answers or is gone. */
  silent: number | null;
}

/** Tells, look after look, whether a run's trainer lives. */
export interface Pulse {
  /** The state of the run now, from its status as it was just read. */
  stateOf(status: Status): Promise<Health>;
}

/**
 * Watches the sign of life of the trainer that holds a run. It lives while its process is there (same id, same start) and it is
 * the one that the lock names (same nonce). Of a process on another machine its heart alone tells; one on this machine whose heart
 * does not beat hangs. A heart that was seen to beat is believed for `staleSeconds` of our own time, so neither another machine's
 * clock nor a lid that was closed counts as death.
 */
export function createPulse(
  paths: Pick<RunPaths, "folder" | "lock">,
  now = () => performance.now() / 1000,
): Pulse {
  let seen: string | null = null;
  let beat = -Infinity;
  let known: Promise<string | null> | null = null;
  let knownPid: number | null = null;

  /** Seconds since its heart was seen to beat; when we did not look yet, what its own clock says. */
  const quiet = (status: Status): number => {
    const stale = seen === null && isStale(status);
    if (status.heartbeat !== seen) beat = now() - (stale ? secondsSince(status) : 0);
    seen = status.heartbeat;
    return now() - beat;
  };

  /** Asked of the system's tools once for each process: Linux alone tells it at no cost. */
  const startOf = (pid: number): Promise<string | null> => {
    if (process.platform === "linux") return findProcessStart(pid);
    if (knownPid !== pid || known === null) known = findProcessStart(pid);
    knownPid = pid;
    return processExists(pid) ? known : Promise.resolve(null);
  };

  const isThere = async ({ pid, processStart, host }: Process): Promise<boolean> => {
    if (!isThisHost(host)) return true;
    if (pid === null) return false;
    const start = await startOf(pid);
    return start !== null && (processStart === null || start === processStart);
  };

  return {
    async stateOf(status) {
      const seconds = quiet(status);
      const holder = readLock<Holder>(paths.lock);
      // A trainer takes the lock before it writes a status: a lock of another nonce is that of a later start.
      if (holder && holder.nonce !== status.nonce && isThisHost(holder.host))
        if (await isThere(holder)) return { state: "starting", silent: null };
      const { state, nonce } = status;
      if (!isLiving(state)) return { state, silent: null };
      const own = holder === null || holder.nonce === nonce;
      const silent = seconds > staleSeconds ? Math.floor(seconds) : null;
      // Only of one that is silent it is asked where its folder is, which the disk is waited for.
      const mayHang = (): boolean =>
        isThisHost(status.host) && holder !== null && isHeldHere(paths, holder);
      if (own && (silent === null || mayHang()) && (await isThere(status)))
        return { state, silent };
      return { state: "interrupted", silent: null };
    },
  };
}

/** A process as a status or a lock names it. */
type Process = Pick<Status, "pid" | "processStart" | "host">;
