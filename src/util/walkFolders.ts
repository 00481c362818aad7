import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What lies in a folder, without what is hidden. */
export interface FolderListing {
  path: string;
  folders: string[];
  files: string[];
}

/** Folders that hold programs and what programs made, never images of a person's. */
const passedOver = new Set(["node_modules", "__pycache__", "site-packages", "__macosx"]);

/** Names are sorted; links are followed; a folder that cannot be read is empty. */
export async function listFolderAsync(path: string): Promise<FolderListing> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const listing: FolderListing = { path, folders: [], files: [] };
  for (const entry of entries) {
    const { name } = entry;
    if (name.startsWith(".") || passedOver.has(name.toLowerCase())) continue;
    const kind = entry.isSymbolicLink() ? await stat(join(path, name)).catch(() => null) : entry;
    if (kind?.isDirectory()) listing.folders.push(name);
    else if (kind?.isFile()) listing.files.push(name);
  }
  listing.folders.sort();
  listing.files.sort();
  return listing;
}

/** How far a walk goes. */
export interface WalkLimits {
  /** Levels below the first folder. */
  depth: number;
  /** Folders that are looked into in all. */
  folders: number;
}

/**
 * Walks the folders below `root`, nearest first, and gives those that `take` takes; it does not look below them. The
 * folders that it looked into and did not take are `passed`. Links are followed; the limits end circles.
 */
export async function walkFolders(
  root: string,
  limits: WalkLimits,
  take: (listing: FolderListing) => Promise<boolean> | boolean,
): Promise<{ taken: string[]; passed: string[] }> {
  const taken: string[] = [];
  const passed: string[] = [];
  let level = [root];
  let looked = 0;
  for (let depth = 0; depth <= limits.depth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const path of level) {
      if (++looked > limits.folders) return { taken, passed };
      const listing = await listFolderAsync(path);
      if (await take(listing)) {
        taken.push(path);
        continue;
      }
      passed.push(path);
      next.push(...listing.folders.map((name) => join(path, name)));
    }
    level = next;
  }
  return { taken, passed };
}
