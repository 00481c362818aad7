import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { runPaths } from "../../protocol/runFolder";

/** A run that was moved aside. */
export interface DeletedRun {
  name: string;
  /** Where it lies now, and where it lay. */
  folder: string;
  from: string;
  /** When it was deleted, in milliseconds. */
  time: number;
}

/** `.glad/trash` beside `.glad/runs`, or whatever `output` is called. */
export function trashBeside(runs: string): string {
  return join(dirname(runs), "trash");
}

/** A folder's own place in the trash, of those that are moved there at the same moment. */
export function placeInTrash(trash: string, time: number, which: number): string {
  return join(trash, `${time}-${which}`);
}

/** The runs in the trash beside some folders of runs, the last one that was deleted first. Checkpoints lie there as well. */
export async function deletedRuns(runFolders: readonly string[]): Promise<DeletedRun[]> {
  const found = await Promise.all([...new Set(runFolders)].map(deletedFrom));
  return found.flat().sort((a, b) => b.time - a.time);
}

async function deletedFrom(runs: string): Promise<DeletedRun[]> {
  const trash = trashBeside(runs);
  const places = (await namesIn(trash)).flatMap((place) => {
    const time = /^(\d+)-\d+$/.exec(place)?.[1];
    return time === undefined ? [] : [{ folder: join(trash, place), time: Number(time) }];
  });
  const found = places.map(async ({ folder: place, time }) => {
    const folders = (await namesIn(place)).map((name) => join(place, name));
    const areRuns = await Promise.all(folders.map(isRun));
    return folders
      .filter((_, i) => areRuns[i])
      .map((folder) => ({
        name: basename(folder),
        folder,
        from: join(runs, basename(folder)),
        time,
      }));
  });
  return (await Promise.all(found)).flat();
}

async function isRun(folder: string): Promise<boolean> {
  const config = await stat(runPaths(folder).config).catch(() => null);
  return config !== null;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
