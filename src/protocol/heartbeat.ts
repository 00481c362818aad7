import { hostname } from "node:os";
import type { Status } from "./status";

/** A heartbeat older than this is no sign of life. */
export const staleSeconds = 30;

/** Whether a name is that of this machine; null, of statuses without one, counts as it. */
export function isThisHost(host: string | null): boolean {
  return host === null || host === hostname();
}

/** Whether the heartbeat is older than `staleSeconds`. */
export function isStale(status: Pick<Status, "heartbeat">, now = Date.now()): boolean {
  return secondsSince(status, now) > staleSeconds;
}

/** How old the heartbeat is. */
export function secondsSince({ heartbeat }: Pick<Status, "heartbeat">, now = Date.now()): number {
  return (now - Date.parse(heartbeat)) / 1000;
}
