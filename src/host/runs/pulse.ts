import { isStale, isThisHost, staleSeconds } from "../../protocol/heartbeat";
import type { RunState, Status } from "../../protocol/status";
import { readLock } from "../../util/lockFile";
import { findProcessStart, processExists } from "../../util/processStart";

/** What a trainer's lock says of it. */
type Holder = Pick<Status, "pid" | "processStart" | "host"> & { nonce: string };

/** Tells, look after look, whether a run's trainer lives. */
export interface Pulse {
  /** The state of the run now, from its status as it was just read. */
  stateOf(status: Status): Promise<RunState>;
}

const living = new Set<RunState>(["starting", "running", "paused"]);

/**
 * Watches the sign of life of the trainer that holds `lock`. It lives while its process is there (same id, same start), it is
 * the one that the lock names (same nonce) and its heart beats. A heart that was seen to beat is believed for
 * `staleSeconds` of our own time, so neither another machine's clock nor a lid that was closed counts as death.
 */
export function createPulse(lock: string, now = () => performance.now() / 1000): Pulse {
  let seen: string | null = null;
  let beat = -Infinity;
  let known: Promise<string | null> | null = null;
  let knownPid: number | null = null;

  const beats = (status: Status): boolean => {
    const first = seen === null;
    if (status.heartbeat !== seen && !(first && isStale(status))) beat = now();
    seen = status.heartbeat;
    return now() - beat <= staleSeconds;
  };

  /** Asked of the system's tools once for each process: Linux alone tells it at no cost. */
  const startOf = (pid: number): Promise<string | null> => {
    if (process.platform === "linux") return findProcessStart(pid);
    if (knownPid !== pid || known === null) known = findProcessStart(pid);
    knownPid = pid;
    return processExists(pid) ? known : Promise.resolve(null);
  };

  const isThere = async ({ pid, processStart, host }: Holder): Promise<boolean> => {
    if (!isThisHost(host)) return true;
    if (pid === null) return false;
    const start = await startOf(pid);
    return start !== null && (processStart === null || start === processStart);
  };

  return {
    async stateOf(status) {
      const fresh = beats(status);
      const holder = readLock<Holder>(lock);
      // A trainer takes the lock before it writes a status: a lock of another nonce is that of a later start.
      if (holder && holder.nonce !== status.nonce && isThisHost(holder.host))
        if (await isThere(holder)) return "starting";
      if (!living.has(status.state)) return status.state;
      const own = holder === null || holder.nonce === status.nonce;
      const nonce = status.nonce ?? "";
      return own && fresh && (await isThere({ ...status, nonce })) ? status.state : "interrupted";
    },
  };
}
