import { existsSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { Sample } from "./types";

/** Whether a path below the image root could name a file outside of it, on any system. */
export function leavesRoot(path: string): boolean {
  return /^([/\\]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes("..");
}

/** Paths of the samples that have no file, in the samples' order. Reads each folder once. */
export function findMissing(imageRoot: string, samples: readonly Sample[]): string[] {
  const folders = new Map<string, Set<string>>();
  const has = (path: string) => {
    const file = join(imageRoot, path);
    const folder = dirname(file);
    let files = folders.get(folder);
    if (!files) folders.set(folder, (files = plainFiles(folder)));
    // A link needs a look at its target, and some file systems find names that they list in another Unicode form.
    return files.has(posix.basename(path)) || existsSync(file);
  };
  return samples.filter((sample) => !has(sample.path)).map((sample) => sample.path);
}

/** Names of the files in a folder, without links; none where there is no such folder. */
function plainFiles(folder: string): Set<string> {
  if (!existsSync(folder)) return new Set();
  const entries = readdirSync(folder, { withFileTypes: true });
  return new Set(entries.filter((entry) => entry.isFile()).map((entry) => entry.name));
}
