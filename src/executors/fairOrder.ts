import type { Entry } from "./queueStore";

type Waiting = Pick<Entry, "name" | "group" | "state" | "started">;

/**
 * The waiting runs in the order in which they are to be started. Groups take turns, so that a large experiment does not
 * hold up a small one: first the group with the fewest runs at work, then the one whose last start is longest ago.
 * Within a group, and between groups that were never served, the order is that of handing in.
 */
export function inTurn<E extends Waiting>(entries: readonly E[]): E[] {
  const groups = new Map<string, E[]>();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  const ranked = [...groups.values()].map((group) => ({
    running: group.filter(({ state }) => state === "running").length,
    served: group.reduce((last, { started }) => (started && started > last ? started : last), ""),
    waiting: group.filter(({ state }) => state === "waiting").sort(byName),
  }));
  // Sorting is stable, and entries come in the order of their names.
  ranked.sort((a, b) => a.running - b.running || compare(a.served, b.served));
  return ranked.flatMap(({ waiting }) => waiting);
}

function byName(a: Waiting, b: Waiting): number {
  return compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
