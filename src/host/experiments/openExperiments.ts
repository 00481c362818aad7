import { dirname } from "node:path";
import * as vscode from "vscode";
import type { ExperimentStatus } from "../../protocol/experimentStatus";
import { contextKeys } from "../ids";
import type { Program } from "../program";
import type { RunStore } from "../runs/runStore";
import { type ExperimentStore, openExperimentStore } from "./experimentStore";

/** The experiments of the workspace; while `seen` says that somebody looks, the program is asked how they stand. */
export function openExperiments(
  runs: RunStore,
  program: Program,
  seen: () => boolean,
): ExperimentStore {
  const store = openExperimentStore(runs, {
    async status(file) {
      const args = ["experiment", "status", file, "--json"];
      const { stdout } = await program.must(args, { cwd: dirname(file), quiet: true });
      return JSON.parse(stdout) as ExperimentStatus;
    },
    mayAsk: () => vscode.workspace.isTrusted && seen(),
    texts: {
      fileGone: vscode.l10n.t("Its file is gone; its runs and its table are still there"),
      trainerGone: vscode.l10n.t("its trainer is gone: it was ended, or the machine was restarted"),
    },
  });
  // What is listed can be chosen: also an experiment of which this workspace has the runs alone, its file being elsewhere.
  const told = new Map<string, boolean>();
  const tell = (key: string, value: boolean): void => {
    if (told.get(key) === value) return;
    told.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  };
  store.onChange(() => {
    tell(contextKeys.hasExperiment, !store.isEmpty);
    tell(contextKeys.hasBegunExperiment, store.isBegun);
  });
  return store;
}
