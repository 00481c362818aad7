import * as vscode from "vscode";
import type { PageState } from "../../protocol/page";
import { parsePageState } from "../../protocol/pageIntents";
import { contextKeys, resultsPanelType } from "../ids";
import type { RestoredPanels } from "../panelsWhenNeeded";
import { plainName } from "../runs/runNames";
import type { RunStore } from "../runs/runStore";
import { pageFolder, pageOf } from "./pageOf";
import { openPanelSession, type PanelSession } from "./panelSession";
import type { ResultsPanels } from "./resultsPanels";

/** Opens panels, restores them after a reload, and lets them go. */
export function openResultsPanels(
  extensionUri: vscode.Uri,
  store: RunStore,
  output: vscode.LogOutputChannel,
): ResultsPanels & RestoredPanels {
  const open = new Map<vscode.WebviewPanel, PanelSession>();
  const resources = pageFolder(extensionUri);

  const attach = async (
    panel: vscode.WebviewPanel,
    runs: readonly string[],
    kept: PageState | null,
  ): Promise<void> => {
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "icons", "panel.svg");
    const session = openPanelSession({
      panel,
      store,
      output,
      resources,
      runs,
      kept,
      titled: title,
    });
    open.set(panel, session);
    tellCompared();
    panel.onDidDispose(() => {
      session.dispose();
      open.delete(panel);
      tellCompared();
    });
    await session.prepare();
    // Closed again already.
    if (!open.has(panel)) return;
    panel.webview.html = pageOf(panel.webview, resources, "webview");
  };

  const tellCompared = (): void => {
    const several = [...open.values()].some(({ runs }) => runs.length > 1);
    void vscode.commands.executeCommand("setContext", contextKeys.resultsCompared, several);
  };

  const title = (runs: readonly string[]): string => {
    const names = runs.map((id) => plainName({ name: id.split(/[\\/]/).at(-1)! }));
    const [first] = names;
    if (first === undefined) return vscode.l10n.t("GLAD Results");
    return names.length === 1 ? first : vscode.l10n.t("{0} and {1} more", first, names.length - 1);
  };

  return {
    async restore(panel, state) {
      const kept = parsePageState(state);
      // What the page may show depends on its runs; were they found later, it would be loaded twice.
      await store.listed;
      await attach(panel, kept?.runs ?? [], kept);
    },
    get shown() {
      return [...open.values()].map(({ runs }) => runs);
    },
    async rename(from, to) {
      const showing = [...open.values()].filter(({ runs }) => runs.includes(from));
      for (const session of showing)
        await session.select(
          session.runs.map((id) => (id === from ? to : id)),
          true,
        );
    },
    async show(runs, { keepFocus = false } = {}) {
      const [panel, session] = [...open].at(-1) ?? [];
      if (panel && session) {
        panel.reveal(undefined, keepFocus);
        await session.select(runs);
        tellCompared();
        return;
      }
      const created = vscode.window.createWebviewPanel(
        resultsPanelType,
        title(runs),
        { viewColumn: vscode.ViewColumn.Active, preserveFocus: keepFocus },
        { enableScripts: true, localResourceRoots: [resources] },
      );
      await attach(created, runs, null);
    },
    dispose() {
      for (const session of open.values()) session.dispose();
    },
  };
}
