import { stat } from "node:fs/promises";

/** So many folders are looked at together. */
const together = 32;

/** A text that is another one when a file came into one of the folders or left it; folders that are not there count as well. */
export async function folderStamp(folders: readonly string[]): Promise<string> {
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
  return times.join(" ");
}
