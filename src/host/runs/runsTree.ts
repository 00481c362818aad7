import * as vscode from "vscode";
import { paceOf } from "../../protocol/runRecord";
import { bytes } from "../format";
import { duration } from "../../util/duration";
import { contextKeys, runsView } from "../ids";
import { throttled } from "../throttle";
import { type CheckpointInfo, type HostRun, isLive, isResumable } from "./hostRun";
import type { RunStore } from "./runStore";

/** An item of the tree: a run, or one of its checkpoints. */
export interface RunNode {
  run: HostRun;
  checkpoint: CheckpointInfo | null;
}

export const sortOrders = ["newest", "best", "name"] as const;
export type SortOrder = (typeof sortOrders)[number];

/** The tree of runs and what the user made of it. */
export interface RunsTree extends vscode.Disposable {
  readonly filter: string;
  readonly order: SortOrder;
  /** What is selected in the tree: what keys mean. */
  readonly selection: readonly RunNode[];
  setFilter(text: string): void;
  setOrder(order: SortOrder): void;
  /** Starred runs come before the others. */
  star(run: Pick<HostRun, "id">, on: boolean): Promise<void>;
  isStarred(run: Pick<HostRun, "id">): boolean;
  /** Shows that something is being done; a line over the tree while it lasts. */
  busy<T>(work: () => Promise<T>): Thenable<T>;
}

/** The least milliseconds between two drawings of the tree. */
const pause = 1000;
const starsKey = "glad.stars";
const orderKey = "glad.order";

/** Shows the runs of a store in the view "Runs". */
export function createRunsTree(store: RunStore, state: vscode.Memento): RunsTree {
  const changed = new vscode.EventEmitter<void>();
  let filter = "";
  let order = state.get<SortOrder>(orderKey, "newest");
  const stars = new Set(state.get<string[]>(starsKey, []));
  const drawing = throttled(pause, () => changed.fire());
  const shown = (): HostRun[] =>
    store.runs
      .filter((run) => `${run.name} ${run.state}`.toLowerCase().includes(filter.toLowerCase()))
      .sort((a, b) => rank(a) - rank(b) || compare(a, b, order));
  const rank = (run: HostRun): number => (isLive(run) ? 0 : stars.has(run.id) ? 1 : 2);
  const view = vscode.window.createTreeView<RunNode>(runsView, {
    showCollapseAll: true,
    canSelectMany: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      async getChildren(node) {
        if (!node) return shown().map((run) => ({ run, checkpoint: null }));
        const { run } = node;
        // What each checkpoint reached is told by the events alone.
        const events = store.follow(run.id);
        await events.ready;
        events.dispose();
        return run.checkpoints.map((checkpoint) => ({ run, checkpoint }));
      },
      getTreeItem: ({ run, checkpoint }) =>
        checkpoint ? checkpointItem(run, checkpoint) : runItem(run, stars.has(run.id)),
    },
  });
  const heard = store.onChange(drawing.ask);
  return {
    get filter() {
      return filter;
    },
    get order() {
      return order;
    },
    get selection() {
      return view.selection;
    },
    setFilter(text) {
      filter = text;
      view.description = text;
      void vscode.commands.executeCommand("setContext", contextKeys.hasFilter, text !== "");
      changed.fire();
    },
    setOrder(wanted) {
      order = wanted;
      void state.update(orderKey, wanted);
      changed.fire();
    },
    isStarred: ({ id }) => stars.has(id),
    async star(run, on) {
      if (on) stars.add(run.id);
      else stars.delete(run.id);
      await state.update(starsKey, [...stars]);
      changed.fire();
    },
    busy: (work) => vscode.window.withProgress({ location: { viewId: runsView } }, work),
    dispose() {
      drawing.dispose();
      heard.dispose();
      view.dispose();
      changed.dispose();
    },
  };
}

function compare(a: HostRun, b: HostRun, order: SortOrder): number {
  if (order === "best") return (b.best?.accuracy ?? -1) - (a.best?.accuracy ?? -1);
  if (order === "name") return plainName(a) < plainName(b) ? -1 : 1;
  return a.name < b.name ? 1 : -1;
}

/** The name without the time of the run. */
export function plainName({ name }: Pick<HostRun, "name">): string {
  return /^\d{8}-\d{6}-(.+)$/.exec(name)?.[1] ?? name;
}

const icons: Record<HostRun["state"], [icon: string, colour?: string]> = {
  created: ["circle-outline"],
  starting: ["loading~spin"],
  running: ["sync~spin", "charts.blue"],
  paused: ["debug-pause", "charts.yellow"],
  finished: ["pass", "charts.green"],
  stopped: ["debug-stop"],
  failed: ["error", "charts.red"],
  interrupted: ["warning", "charts.yellow"],
};

function runItem(run: HostRun, starred: boolean): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(plainName(run), run.checkpoints.length > 0 ? Collapsed : None);
  const [icon, colour] = icons[run.state];
  item.id = run.id;
  item.iconPath = new vscode.ThemeIcon(icon, colour ? new vscode.ThemeColor(colour) : undefined);
  item.description = `${starred ? "★ " : ""}${describeRun(run)}${rootOf(run)}`;
  item.tooltip = tooltip(run);
  item.contextValue = contextOf(run, starred);
  item.command = { command: "glad.openResults", title: "", arguments: [{ run, checkpoint: null }] };
  item.accessibilityInformation = { label: `${run.name}, ${describeRun(run)}` };
  return item;
}

/** `;live;running;starred;`: what menus ask for. */
function contextOf(run: HostRun, starred: boolean): string {
  const words = ["run", run.state];
  if (isLive(run)) words.push("live");
  if (isResumable(run)) words.push("resumable");
  if (run.checkpoints.length > 0) words.push("saved");
  words.push(starred ? "starred" : "plain");
  return `;${words.join(";")};`;
}

/** "running 120/800 · all 71.30% · cpu (2 threads)" */
export function describeRun({ state, status, best }: HostRun): string {
  const parts = [stateName(state)];
  if (status) parts[0] += ` ${status.step}/${status.steps}`;
  if (best) parts.push(`${best.label} ${best.accuracy.toFixed(2)}%`);
  if (status?.device) parts.push(status.device);
  return parts.join(" · ");
}

/** The workspace folder that a run lies in, where there are several to tell apart. */
function rootOf({ id }: HostRun): string {
  if ((vscode.workspace.workspaceFolders?.length ?? 0) < 2) return "";
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(id));
  return folder ? ` · ${folder.name}` : "";
}

function stateName(state: HostRun["state"]): string {
  const { t } = vscode.l10n;
  const names: Record<HostRun["state"], string> = {
    created: t("not started"),
    starting: t("starting"),
    running: t("running"),
    paused: t("paused"),
    finished: t("finished"),
    stopped: t("stopped"),
    failed: t("failed"),
    interrupted: t("interrupted"),
  };
  return names[state];
}

function tooltip(run: HostRun): string {
  const { secondsLeft, imagesPerSecond } = paceOf(run.record);
  const lines = [run.name, describeRun(run)];
  if (run.record.deviceReason !== null)
    lines.push(`${run.record.device}: ${run.record.deviceReason}`);
  if (isLive(run) && secondsLeft !== null && imagesPerSecond !== null)
    lines.push(
      vscode.l10n.t("{0} images/s, {1} left", imagesPerSecond.toFixed(1), duration(secondsLeft)),
    );
  if (run.status?.reason) lines.push(run.status.reason);
  return lines.join("\n");
}

function checkpointItem(run: HostRun, checkpoint: CheckpointInfo): vscode.TreeItem {
  const { step, size, folder } = checkpoint;
  const item = new vscode.TreeItem(vscode.l10n.t("Step {0}", step));
  const best = run.best?.step === step;
  const measured = run.record.evaluations
    .filter((each) => each.step === step && !each.zeroShot)
    .map(({ split, accuracy }) => `${split} ${accuracy.toFixed(2)}%`);
  item.id = folder;
  item.iconPath = new vscode.ThemeIcon(best ? "star-full" : "archive");
  item.description = [...measured, bytes(size), ...(best ? [vscode.l10n.t("best")] : [])].join(
    " · ",
  );
  item.tooltip = [...measured, folder].join("\n");
  item.contextValue = `;checkpoint;${isLive(run) ? "live" : "dead"};${isResumable(run) ? "resumable;" : ""}`;
  return item;
}
