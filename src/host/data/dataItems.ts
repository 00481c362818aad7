import * as vscode from "vscode";
import type { DataPart } from "../../protocol/dataReport";
import { type DataNode, imagesIn, nodeContext, nodeId, setName, type SetNode } from "./dataNodes";
import { findingLabel } from "./findingLabel";

// A module of its own: an activation does without what draws data sets, which are listed later.

/** A node as the view shows it. */
export function dataItem(node: DataNode): vscode.TreeItem {
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
      const item = new vscode.TreeItem(findingLabel(text, node.set.report.folder), None);
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
function partName(part: DataPart): string {
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
