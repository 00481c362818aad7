import * as vscode from "vscode";
import { contextKeys } from "../ids";
import type { DeletedRun } from "./deletedRuns";
import { watchFolders } from "./folderWatch";
import type { RunStore } from "./runStore";

/** The deleted runs of the window that can be put back. */
export interface Trash extends vscode.Disposable {
  /** The last one that was deleted first. */
  look(): Promise<DeletedRun[]>;
}

/** Tells menus whether there are deleted runs: looks when runs come and go, and when the trash is emptied. */
export function watchTrash(store: RunStore, runFolders: () => readonly string[]): Trash {
  let known = "";
  let told: boolean | null = null;
  let disposed = false;
  const look = async (): Promise<DeletedRun[]> => {
    const { deletedRuns, trashBeside } = await import("./deletedRuns");
    const folders = runFolders();
    const found = await deletedRuns(folders);
    // Nobody would end what a look that outlasts the window watches.
    if (disposed) return found;
    watch.set(folders.map(trashBeside));
    const any = found.length > 0;
    if (any !== told)
      void vscode.commands.executeCommand("setContext", contextKeys.hasDeletedRun, any);
    told = any;
    return found;
  };
  const watch = watchFolders(() => void look());
  const heard = store.onChange(() => {
    const now = store.runs.map(({ id }) => id).join("\n");
    if (now === known) return;
    known = now;
    void look();
  });
  return {
    look,
    dispose() {
      disposed = true;
      heard.dispose();
      watch.dispose();
    },
  };
}
