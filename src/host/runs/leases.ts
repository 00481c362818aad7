import * as vscode from "vscode";
import { endLease, grantLease, renewInterval, renewLease } from "../../protocol/lease";
import { type RunPaths, runPaths } from "../../protocol/runFolder";
import { setting } from "../program";
import { isLive } from "./hostRun";
import type { RunStore } from "./runStore";

/**
 * Keeps the promise of `glad.onWindowClose`: while this window is open it renews the leases of the runs that it sees, or ends
 * them where runs are to go on. When it closes it does nothing, so a reload costs no run.
 */
export function keepLeases(store: RunStore): vscode.Disposable {
  const seen = new Set<string>();
  const keep = (paths: RunPaths): void => {
    // An untrusted workspace looks, and changes nothing.
    if (!vscode.workspace.isTrusted) return;
    void (stopsWhenIdle() ? renewLease(paths) : endLease(paths)).catch(() => undefined);
  };
  const keepAll = (): void => store.runs.filter(isLive).forEach(({ paths }) => keep(paths));
  const timer = setInterval(keepAll, renewInterval);
  return vscode.Disposable.from(
    { dispose: () => clearInterval(timer) },
    store.onChange((run) => {
      if (!isLive(run)) seen.delete(run.id);
      else if (!seen.has(run.id)) {
        seen.add(run.id);
        keep(run.paths);
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("glad.onWindowClose")) keepAll();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(keepAll),
  );
}

/** Gives the run that was just started from this window a lease, where the user wants one. */
export async function leaseRun(folder: string): Promise<void> {
  if (!stopsWhenIdle()) return;
  await grantLease(runPaths(folder), Math.max(leastMinutes, setting("glad.idleMinutes")));
}

/** The least that can be set: a reload, also of a slow remote window, takes less. */
export const leastMinutes = 5;

function stopsWhenIdle(): boolean {
  return setting("glad.onWindowClose") === "stopWhenIdle";
}
