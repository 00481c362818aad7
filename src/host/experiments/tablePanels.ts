import type * as vscode from "vscode";
import { tablePanelType } from "../ids";
import { panelsWhenNeeded } from "../panelsWhenNeeded";
import type { ExperimentStore } from "./experimentStore";

/** The panels of this window that show experiments' tables. */
export interface TablePanels extends vscode.Disposable {
  /** Shows the table of an experiment's file, in its panel where it has one. */
  show(file: string): Promise<void>;
  /** The files whose tables are shown now. */
  readonly shown: readonly string[];
  /** Whether any panel can be seen. */
  readonly visible: boolean;
}

/** The panels of tables, of which nothing is loaded before the first is shown. */
export function createTablePanels(
  extensionUri: vscode.Uri,
  experiments: ExperimentStore,
  output: vscode.LogOutputChannel,
): TablePanels {
  const panels = panelsWhenNeeded(tablePanelType, async () => {
    const { openTablePanels } = await import("./openTablePanels");
    return openTablePanels(extensionUri, experiments, output);
  });
  return {
    show: async (file) => (await panels.load()).show(file),
    get shown() {
      return panels.loaded?.shown ?? [];
    },
    get visible() {
      return panels.loaded?.visible ?? false;
    },
    dispose: () => void panels.dispose(),
  };
}
