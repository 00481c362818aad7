import * as vscode from "vscode";
import { parseTablePageState } from "../../protocol/tablePage";
import { tablePanelType } from "../ids";
import { pageFolder, pageOf } from "../panel/pageOf";
import type { RestoredPanels } from "../panelsWhenNeeded";
import { nameOfFile } from "./experimentRecords";
import type { ExperimentStore } from "./experimentStore";
import type { TablePanels } from "./tablePanels";
import { openTableSession, titleOf } from "./tableSession";

/** Opens panels, restores them after a reload, and lets them go. */
export function openTablePanels(
  extensionUri: vscode.Uri,
  experiments: ExperimentStore,
  output: vscode.LogOutputChannel,
): TablePanels & RestoredPanels {
  const open = new Map<string, vscode.WebviewPanel>();
  const folder = pageFolder(extensionUri);
  const options = { enableScripts: true, localResourceRoots: [folder] };

  const attach = (panel: vscode.WebviewPanel, file: string): void => {
    open.set(file, panel);
    panel.webview.options = options;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icons", "panel.svg");
    const session = openTableSession({ panel, experiments, output, file });
    panel.onDidDispose(() => {
      session.dispose();
      open.delete(file);
    });
    panel.webview.html = pageOf(panel.webview, folder, "experiment");
  };

  return {
    restore(panel, state) {
      const kept = parseTablePageState(state);
      if (kept) attach(panel, kept.file);
      else panel.dispose();
      return Promise.resolve();
    },
    get shown() {
      return [...open.keys()];
    },
    get visible() {
      return [...open.values()].some((panel) => panel.visible);
    },
    show(file) {
      const there = open.get(file);
      const title = titleOf(experiments.get(file)?.name ?? nameOfFile(file));
      const { Active } = vscode.ViewColumn;
      if (there) there.reveal();
      else attach(vscode.window.createWebviewPanel(tablePanelType, title, Active, options), file);
      return Promise.resolve();
    },
    // The editor closes its panels itself.
    dispose: () => undefined,
  };
}
