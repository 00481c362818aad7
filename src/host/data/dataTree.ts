import { stat } from "node:fs/promises";
import * as vscode from "vscode";
import type { DataPart } from "../../protocol/dataReport";
import { messageOf } from "../../util/errors";
import { contextKeys, dataView } from "../ids";
import { throttled } from "../throttle";
import {
  childNodes,
  type DataNode,
  imagesIn,
  nodeContext,
  nodeId,
  setName,
  type SetNode,
  topNodes,
} from "./dataNodes";
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
      getTreeItem: dataItem,
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

function dataItem(node: DataNode): vscode.TreeItem {
  const item = plainItem(node);
  item.id = nodeId(node);
  item.contextValue = nodeContext(node);
  return item;
}

function plainItem(node: DataNode): vscode.TreeItem {
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  const { t } = vscode.l10n;
  switch (node.kind) {
    case "place": {
      const { root, sets, origin } = node.place;
      const item = new vscode.TreeItem(vscode.Uri.file(root), Expanded);
      item.iconPath = new vscode.ThemeIcon("folder-library");
      item.description = [t("{0} data sets", sets.length), originName(origin)].join(" · ");
      item.tooltip = root;
      return item;
    }
    case "set":
      return setItem(node);
    case "group":
      return groupItem(node.of, node.set);
    case "finding": {
      const { state, text } = node.finding;
      const item = new vscode.TreeItem(text, None);
      item.iconPath = findingIcon(state);
      item.tooltip = text;
      item.command = { command: "glad.checkData", title: "", arguments: [node] };
      return item;
    }
    case "split": {
      const item = new vscode.TreeItem(partName(node.part), None);
      item.description = images(node.count);
      item.iconPath = new vscode.ThemeIcon("list-unordered");
      return item;
    }
    case "class": {
      const counts = node.set.report.classes[node.label]!;
      const item = new vscode.TreeItem(counts.name, None);
      item.description = images(imagesIn(counts));
      item.tooltip = classTooltip(node.set, node.label);
      item.iconPath = new vscode.ThemeIcon("tag");
      item.command = { command: "glad.showClass", title: "", arguments: [node] };
      return item;
    }
  }
}

function setItem({ report, place, findings }: SetNode): vscode.TreeItem {
  const { t } = vscode.l10n;
  const { classes, counts, folder, layout } = report;
  const item = new vscode.TreeItem(setName(report), vscode.TreeItemCollapsibleState.Collapsed);
  const failed = findings.some(({ state }) => state === "failed");
  item.iconPath = failed
    ? findingIcon("failed")
    : new vscode.ThemeIcon(report.dataset === "folder" ? "folder" : "database");
  const total = classes.reduce((sum, each) => sum + imagesIn(each), 0);
  const facts = classes.length > 0 ? [t("{0} classes", number(classes.length)), images(total)] : [];
  if (place.sets.length === 1) facts.push(originName(place.origin));
  item.description = facts.join(" · ");
  const lines = [folder, layout, counts && report.title, ...findings.map(({ text }) => text)];
  item.tooltip = lines.filter((line) => line !== null && line !== "").join("\n");
  const spoken = failed ? [t("to be mended")] : [];
  item.accessibilityInformation = {
    label: [setName(report), ...facts, ...spoken].join(", "),
  };
  return item;
}

function groupItem(of: "problems" | "splits" | "classes", set: SetNode): vscode.TreeItem {
  const { t } = vscode.l10n;
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const { counts, classes } = set.report;
  if (of === "problems") {
    const failed = set.findings.filter(({ state }) => state === "failed").length;
    const item = new vscode.TreeItem(t("Problems and Notes"), failed > 0 ? Expanded : Collapsed);
    item.description = failed > 0 ? t("{0} to be mended", failed) : String(set.findings.length);
    item.iconPath = findingIcon(failed > 0 ? "failed" : "note");
    return item;
  }
  if (of === "splits") {
    const item = new vscode.TreeItem(t("Splits"), Collapsed);
    const { train, val, test } = counts!;
    item.description = [train, val, test].map(number).join(" / ");
    item.tooltip = t("Images to train on, to validate and to test with");
    item.iconPath = new vscode.ThemeIcon("split-horizontal");
    return item;
  }
  const item = new vscode.TreeItem(t("Classes"), Collapsed);
  item.description = number(classes.length);
  item.iconPath = new vscode.ThemeIcon("list-tree");
  return item;
}

function classTooltip({ report }: SetNode, label: number): string {
  const { name, ...counts } = report.classes[label]!;
  if (report.counts === null) return `${name}: ${images(imagesIn(counts))}`;
  const parts = (["train", "val", "test"] as const).map(
    (part) => `${partName(part)}: ${number(counts[part])}`,
  );
  return [name, ...parts].join("\n");
}

function findingIcon(state: "ok" | "note" | "failed"): vscode.ThemeIcon {
  const { ThemeIcon, ThemeColor } = vscode;
  if (state === "failed") return new ThemeIcon("error", new ThemeColor("charts.red"));
  return new ThemeIcon(state === "note" ? "info" : "pass");
}

/** What a part of a data set is called. */
export function partName(part: DataPart): string {
  const { t } = vscode.l10n;
  return { train: t("Training"), val: t("Validation"), test: t("Test") }[part];
}

function originName(origin: SetNode["place"]["origin"]): string {
  const { t } = vscode.l10n;
  const names = {
    added: t("added"),
    configuration: t("configured"),
    linked: t("linked"),
    workspace: t("in the workspace"),
  };
  return names[origin];
}

function images(count: number): string {
  return count === 1 ? vscode.l10n.t("1 image") : vscode.l10n.t("{0} images", number(count));
}

function number(value: number): string {
  return value.toLocaleString(vscode.env.language);
}
