import { type FSWatcher, watch } from "node:fs";
import type { Disposable } from "../emitter";

/** Watchers of some folders. Their hints may come late, twice or not at all. */
export interface FolderWatch extends Disposable {
  /** Watches exactly these folders. Those that cannot be watched (missing, or on a network disk) are tried again next time. */
  set(folders: Iterable<string>): void;
}

/** Opens watchers that call `onHint` with the folder and the name of what changed in it, where the system tells it. */
export function watchFolders(onHint: (folder: string, name: string | null) => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const add = (folder: string): void => {
    try {
      const watcher = watch(folder, { persistent: false });
      watcher.on("change", (_, name) => onHint(folder, name === null ? null : String(name)));
      // A folder that is removed, or whose disk goes away.
      watcher.on("error", () => drop(folder));
      watchers.set(folder, watcher);
    } catch {
      return;
    }
  };
  return {
    set(folders) {
      const wanted = new Set(folders);
      for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder);
      for (const folder of wanted) if (!watchers.has(folder)) add(folder);
    },
    dispose() {
      for (const folder of watchers.keys()) drop(folder);
    },
  };
}
