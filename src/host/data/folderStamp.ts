import { stat } from "node:fs/promises";

/** So many folders are looked at together. */
const together = 32;

/** When folders were last changed. */
export interface FolderStamp {
  /** Another text when a file came into one of the folders or left it; folders that are not there count as well. */
  text: string;
  /** The time of the last change, in milliseconds since 1970. */
  newest: number;
}

/** Looks at the times of folders, not at what is in them. */
export async function folderStamp(folders: readonly string[]): Promise<FolderStamp> {
  const times: number[] = [];
  for (let from = 0; from < folders.length; from += together) {
    const some = folders.slice(from, from + together).map((folder) =>
      stat(folder).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    );
    times.push(...(await Promise.all(some)));
  }
  const newest = times.reduce((a, b) => Math.max(a, b), 0);
  return { text: times.join(" "), newest };
}
