import { stat } from "node:fs/promises";
import * as vscode from "vscode";
import { messageOf } from "../../util/errors";
import { contextKeys, dataView } from "../ids";
import { throttled } from "../throttle";
import { childNodes, type DataNode, topNodes } from "./dataNodes";
import type { DataStore } from "./dataStore";

/** The view "Data Sets". */
export interface DataTree extends vscode.Disposable {
  /** Shows that something is being done; a line over the tree while it lasts. */
  busy<T>(work: () => Promise<T>): Thenable<T>;
  /** What is on top of the tree. */
  readonly nodes: readonly DataNode[];
  /** Adds the folders among what was dropped on the view. */
  drop(transfer: vscode.DataTransfer): Promise<void>;
}

/** The least milliseconds between two drawings of the tree. */
const pause = 300;
/** Folders that are dragged from the explorer, and from outside of the editor. */
const dropMimeTypes = ["text/uri-list", "files"];

/**
 * Shows the data sets of a store. `add` is called with the folders that are dropped on the view; `moved` says that data
 * sets may lie elsewhere now.
 */
export function createDataTree(
  store: DataStore,
  add: (folders: string[]) => Promise<void>,
  moved: vscode.Event<void>,
  output: vscode.LogOutputChannel,
): DataTree {
  const changed = new vscode.EventEmitter<void>();
  let tops: DataNode[] = [];
  let everSeen = false;
  const drop = async (transfer: vscode.DataTransfer): Promise<void> => {
    const folders = await droppedFolders(transfer);
    if (folders.length > 0) return add(folders);
    // An editor in a browser is not told where something lies on the disk of the person who drops it.
    const { t } = vscode.l10n;
    const choose = t("Add Data Set Folder...");
    const told = t("What was dropped is no folder on the machine that trains.");
    const chosen = await vscode.window.showWarningMessage(told, choose);
    if (chosen === choose) await vscode.commands.executeCommand("glad.addDataFolder");
  };
  const view = vscode.window.createTreeView<DataNode>(dataView, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (node ? childNodes(node, store) : tops),
      getTreeItem: async (node) => (await import("./dataItems")).dataItem(node),
    },
    dragAndDropController: {
      dropMimeTypes,
      dragMimeTypes: [],
      handleDrop: (_target, transfer) => drop(transfer),
    },
  });
  const drawing = throttled(pause, () => {
    tops = topNodes(store.places, store);
    void vscode.commands.executeCommand("setContext", contextKeys.hasDataSet, tops.length > 0);
    changed.fire();
  });
  const busy: DataTree["busy"] = (work) =>
    vscode.window.withProgress({ location: { viewId: dataView } }, work);
  const look = (): void =>
    void busy(() => store.refresh())
      .then(undefined, (error: unknown) => {
        view.message = messageOf(error);
        output.error(messageOf(error));
      })
      .then(() => vscode.commands.executeCommand("setContext", contextKeys.hasLookedForData, true));
  const seen = (): void => {
    store.watch(view.visible);
    if (!view.visible) return;
    // What changed while nobody looked is noticed by the watch; the first list is made when the view is first seen.
    if (!everSeen) look();
    everSeen = true;
  };
  const heard = vscode.Disposable.from(
    store.onChange(() => {
      if (view.message !== undefined) view.message = undefined;
      drawing.ask();
    }),
    view.onDidChangeVisibility(seen),
    moved(() => everSeen && look()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => everSeen && look()),
  );
  seen();
  return {
    busy,
    drop,
    get nodes() {
      return tops;
    },
    dispose() {
      drawing.dispose();
      vscode.Disposable.from(heard, view, changed).dispose();
    },
  };
}

/** The folders among what was dropped. */
async function droppedFolders(transfer: vscode.DataTransfer): Promise<string[]> {
  const uris: vscode.Uri[] = [];
  const list = await transfer.get("text/uri-list")?.asString();
  for (const line of (list ?? "").split(/\r?\n/))
    if (line !== "" && !line.startsWith("#")) uris.push(vscode.Uri.parse(line));
  transfer.forEach((item) => {
    const uri = item.asFile()?.uri;
    if (uri) uris.push(uri);
  });
  const paths = [...new Set(uris.filter(({ scheme }) => scheme === "file").map((u) => u.fsPath))];
  const folders = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => null);
      return found?.isDirectory() ? [path] : [];
    }),
  );
  return folders.flat();
}
