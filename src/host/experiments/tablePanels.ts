import * as vscode from "vscode";
import { parseTablePageState } from "../../protocol/tablePage";
import { tablePanelType } from "../ids";
import { pageFolder, pageOf } from "../panel/pageOf";
import { type ExperimentStore, nameOfFile } from "./experimentStore";
import { openTableSession, titleOf } from "./tableSession";

/** The panels of this window that show experiments' tables. */
export interface TablePanels extends vscode.Disposable {
  /** Shows the table of an experiment's file, in its panel where it has one. */
  show(file: string): void;
  /** The files whose tables are shown now. */
  readonly shown: readonly string[];
  /** Whether any panel can be seen. */
  readonly visible: boolean;
}

/** Opens panels, restores them after a reload, and lets them go. */
export function createTablePanels(
  extensionUri: vscode.Uri,
  experiments: ExperimentStore,
  output: vscode.LogOutputChannel,
): TablePanels {
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

  const serializer = vscode.window.registerWebviewPanelSerializer(tablePanelType, {
    deserializeWebviewPanel(panel, state) {
      const kept = parseTablePageState(state);
      if (kept) attach(panel, kept.file);
      else panel.dispose();
      return Promise.resolve();
    },
  });

  return {
    get shown() {
      return [...open.keys()];
    },
    get visible() {
      return [...open.values()].some((panel) => panel.visible);
    },
    show(file) {
      const there = open.get(file);
      if (there) return there.reveal();
      const title = titleOf(experiments.get(file)?.name ?? nameOfFile(file));
      const { Active } = vscode.ViewColumn;
      attach(vscode.window.createWebviewPanel(tablePanelType, title, Active, options), file);
    },
    dispose() {
      serializer.dispose();
    },
  };
}
