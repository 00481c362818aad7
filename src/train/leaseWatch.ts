import { readLease } from "../protocol/lease";
import type { RunPaths } from "../protocol/runFolder";

/** Looks at a run's lease while it is trained. */
export interface LeaseWatch {
  /** For how many minutes no window has renewed the lease, where that is too long; otherwise null. */
  runOut(): number | null;
}

/** Milliseconds between two looks. */
const lookInterval = 1000;
/** The most milliseconds that pass at once: a machine that slept for a night has not been left alone by its user. */
const longestGap = 60_000;

/**
 * Watches the lease of a run. Its time is counted on this process's clock, from look to look. A lease from before this
 * process began was given to an earlier trainer and says nothing of this one.
 */
export function watchLease(
  paths: RunPaths,
  now: () => number = () => performance.now(),
  begun = performance.timeOrigin,
): LeaseWatch {
  let last = now();
  let renewed = 0;
  let idle = 0;
  let over: number | null = null;
  return {
    runOut() {
      const passed = now() - last;
      if (over !== null || passed < lookInterval) return over;
      last += passed;
      const lease = readLease(paths);
      const holds = lease !== null && lease.renewed >= begun;
      idle = holds && lease.renewed === renewed ? idle + Math.min(passed, longestGap) : 0;
      renewed = lease?.renewed ?? 0;
      over = holds && idle >= 60_000 * lease.minutes ? lease.minutes : null;
      return over;
    },
  };
}
