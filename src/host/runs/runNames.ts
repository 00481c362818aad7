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
 * it does not, with the folders that do, the innermost first.
 */
export function shownNames(runs: readonly Named[]): Map<string, string> {
  const named = runs.map((run) => ({ run, text: plainName(run) }));
  const timed = tellApart(named, (same) => {
    const isOneDay = new Set(same.map(({ run }) => dayOf(run))).size === 1;
    return ({ run }) => (isOneDay ? timeOf(run) : `${dayOf(run)} ${timeOf(run)}`.trim());
  });
  return new Map(placeApart(timed, 0).map(({ run, text }) => [run.id, text]));
}

interface Shown {
  run: Named;
  text: string;
}

/** Adds something to the texts that several have. */
function tellApart(
  shown: readonly Shown[],
  what: (same: readonly Shown[]) => (one: Shown) => string,
): Shown[] {
  return alike(shown).flatMap((same) => {
    if (same.length === 1) return same;
    const more = what(same);
    return same.map((one) => withMore(one, more(one)));
  });
}

/** Adds folders to the texts that several have, from so many levels above the run on, until all differ. */
function placeApart(shown: readonly Shown[], level: number): Shown[] {
  return alike(shown).flatMap((same) => {
    const paths = same.map(({ run }) => dirname(run.id).split(/[\\/]/).reverse());
    const levels = Math.max(...paths.map(({ length }) => length));
    const differs = (at: number): boolean => paths.some((path) => path[at] !== paths[0]![at]);
    let next = level;
    while (next < levels && !differs(next)) next++;
    if (same.length === 1 || next === levels) return same;
    const placed = same.map((one, i) => withMore(one, paths[i]![next] ?? ""));
    return placeApart(placed, next + 1);
  });
}

/** Those of one text together. */
function alike(shown: readonly Shown[]): Shown[][] {
  const groups = new Map<string, Shown[]>();
  for (const one of shown) groups.set(one.text, [...(groups.get(one.text) ?? []), one]);
  return [...groups.values()];
}

function withMore({ run, text }: Shown, more: string): Shown {
  return { run, text: more === "" ? text : `${text} · ${more}` };
}

/** 2026-01-31; nothing of a folder that is named otherwise. */
function dayOf({ name }: Named): string {
  return parts.exec(name)?.slice(1, 4).join("-") ?? "";
}

/** 12:34:56 */
function timeOf({ name }: Named): string {
  return parts.exec(name)?.slice(4, 7).join(":") ?? "";
}
