import type * as vscode from "vscode";
import { resultsPanelType } from "../ids";
import { panelsWhenNeeded } from "../panelsWhenNeeded";
import type { RunStore } from "../runs/runStore";

/** The results panels of this window. */
export interface ResultsPanels extends vscode.Disposable {
  /** Shows runs in the panel that is open, or opens one. */
  show(runs: readonly string[], options?: ShowOptions): Promise<void>;
  /** A run has another folder now: whoever shows it goes on with that. */
  rename(from: string, to: string): Promise<void>;
  /** The runs that are shown now, in each open panel. */
  readonly shown: readonly (readonly string[])[];
}

export interface ShowOptions {
  /** Keys stay with what has them now. */
  keepFocus?: boolean;
}

/** The results panels, of which nothing is loaded before the first is shown. */
export function createResultsPanels(
  extensionUri: vscode.Uri,
  store: RunStore,
  output: vscode.LogOutputChannel,
): ResultsPanels {
  const panels = panelsWhenNeeded(resultsPanelType, async () => {
    const { openResultsPanels } = await import("./openResultsPanels");
    return openResultsPanels(extensionUri, store, output);
  });
  return {
    show: async (runs, options) => (await panels.load()).show(runs, options),
    rename: async (from, to) => panels.loaded?.rename(from, to),
    get shown() {
      return panels.loaded?.shown ?? [];
    },
    dispose: () => void panels.dispose(),
  };
}
