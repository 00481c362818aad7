import { dirname } from "node:path";

/** A run as its folder names it. */
interface Named {
  /** The run's folder. */
  id: string;
  /** The folder's name: a time and what the configuration or the user called it. */
  name: string;
}

const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(.+)$/;

/** The name without the time of the run. */
export function plainName({ name }: Pick<Named, "name">): string {
  return parts.exec(name)?.[7] ?? name;
}

/**
 * The names that runs are shown by beside each other, by their ids: without the time, unless that is what tells them apart; where
 * it does not, with a folder that does.
 */
export function shownNames(runs: readonly Named[]): Map<string, string> {
  const named = runs.map((run) => ({ run, text: plainName(run) }));
  const timed = tellApart(named, (same) => {
    const isOneDay = new Set(same.map(({ run }) => dayOf(run))).size === 1;
    return ({ run }) => (isOneDay ? timeOf(run) : `${dayOf(run)} ${timeOf(run)}`.trim());
  });
  const placed = tellApart(timed, (same) => {
    const paths = same.map(({ run }) => dirname(run.id).split(/[\\/]/).reverse());
    const depth = paths[0]!.findIndex((folder, i) => paths.some((path) => path[i] !== folder));
    return (_, i) => paths[i]![depth] ?? "";
  });
  return new Map(placed.map(({ run, text }) => [run.id, text]));
}

interface Shown {
  run: Named;
  text: string;
}

/** Adds something to the texts that several have. */
function tellApart(
  shown: readonly Shown[],
  what: (same: readonly Shown[]) => (one: Shown, index: number) => string,
): Shown[] {
  const groups = new Map<string, Shown[]>();
  for (const one of shown) groups.set(one.text, [...(groups.get(one.text) ?? []), one]);
  return [...groups.values()].flatMap((same) => {
    if (same.length === 1) return same;
    const more = what(same);
    return same.map((one, i) => {
      const added = more(one, i);
      return added === "" ? one : { run: one.run, text: `${one.text} · ${added}` };
    });
  });
}

/** 2026-01-31; nothing of a folder that is named otherwise. */
function dayOf({ name }: Named): string {
  return parts.exec(name)?.slice(1, 4).join("-") ?? "";
}

/** 12:34:56 */
function timeOf({ name }: Named): string {
  return parts.exec(name)?.slice(4, 7).join(":") ?? "";
}
