import * as vscode from "vscode";
import { paceOf } from "../../protocol/runRecord";
import { bytes } from "../format";
import { duration, speed } from "../../protocol/pace";
import { clickCommand, contextKeys, runsView } from "../ids";
import {
  type AnyExperimentNode,
  experimentChildren,
  experimentItem,
  experimentsNode,
} from "../experiments/experimentNodes";
import type { ExperimentStore } from "../experiments/experimentStore";
import type { HostExperiment } from "../experiments/hostExperiment";
import { throttled } from "../throttle";
import { type CheckpointInfo, type HostRun, isListening, isLive, isResumable } from "./hostRun";
import type { RunNode } from "./runNode";
import { plainName, shownNames } from "./runNames";
import type { RunStore } from "./runStore";

export type { RunNode };
/** An item of the view. */
export type Node = RunNode | AnyExperimentNode;

export const sortOrders = ["newest", "best", "name"] as const;
export type SortOrder = (typeof sortOrders)[number];

/** The tree of runs and what the user made of it. */
export interface RunsTree extends vscode.Disposable {
  readonly filter: string;
  readonly order: SortOrder;
  /** The runs and checkpoints that are selected in the tree: what keys mean. */
  selected(): Promise<RunNode[]>;
  setFilter(text: string): void;
  setOrder(order: SortOrder): void;
  /** Starred runs come before the others. */
  star(run: Pick<HostRun, "id">, on: boolean): Promise<void>;
  isStarred(run: Pick<HostRun, "id">): boolean;
  /** Brings an experiment into view. */
  reveal(experiment: HostExperiment): Promise<void>;
  readonly visible: boolean;
  /** What is shown below a node, or on top. */
  children(node?: Node): Promise<Node[]>;
  /** A node as it is shown. */
  item(node: Node): vscode.TreeItem;
  /** Shows that something is being done; a line over the tree while it lasts. */
  busy<T>(work: () => Promise<T>): Thenable<T>;
}

/** The least milliseconds between two drawings of the tree. */
const pause = 1000;
const starsKey = "glad.stars";
const orderKey = "glad.order";
/** So many runs of experiments stand among the others while they are trained; a cluster may train hundreds. */
const mostLive = 5;

/** Shows the experiments and runs of two stores in the view "Runs". */
export function createRunsTree(
  store: RunStore,
  experiments: ExperimentStore,
  state: vscode.Memento,
): RunsTree {
  const changed = new vscode.EventEmitter<void>();
  let filter = "";
  let order = state.get<SortOrder>(orderKey, "newest");
  const stars = new Set(state.get<string[]>(starsKey, []));
  const drawing = throttled(pause, () => changed.fire());
  const shown = (): HostRun[] => {
    const found = store.runs.filter((run) =>
      `${run.name} ${run.state}`.toLowerCase().includes(filter.toLowerCase()),
    );
    const own = filter === "" ? found.filter(isOnTop()) : found;
    return [...own].sort((a, b) => rank(a) - rank(b) || compare(a, b, order));
  };
  /** Runs of experiments stand below their cells, and on top only while they are trained, starred or sought. */
  const isOnTop = (): ((run: HostRun) => boolean) => {
    let live = 0;
    return (run) =>
      !experiments.holds(run.id) || stars.has(run.id) || (isLive(run) && ++live <= mostLive);
  };
  const roots = (): Node[] => {
    const runs = shown().map((run) => ({ run, checkpoint: null }));
    return experiments.experiments.length > 0 ? [experimentsNode, ...runs] : runs;
  };
  /** What runs are called; of hundreds it is made once for each time that some came or went. */
  let named: { runs: readonly HostRun[]; names: Map<string, string> } | null = null;
  const names = (): Map<string, string> => {
    const { runs } = store;
    if (named?.runs !== runs) named = { runs, names: shownNames(runs) };
    return named.names;
  };
  const rank = (run: HostRun): number => (isLive(run) ? 0 : stars.has(run.id) ? 1 : 2);
  const provider = {
    onDidChangeTreeData: changed.event,
    async getChildren(node?: Node): Promise<Node[]> {
      if (!node) return roots();
      if ("kind" in node) return experimentChildren(node, experiments.experiments, store);
      const { run, place } = node;
      // What each checkpoint reached is told by the events alone.
      const events = store.follow(run.id);
      await events.ready;
      events.dispose();
      return run.checkpoints.map((checkpoint) => ({
        run,
        checkpoint,
        ...(place ? { place } : {}),
      }));
    },
    getTreeItem(node: Node) {
      if ("kind" in node) return experimentItem(node);
      const { run, checkpoint, label, place } = node;
      const item = checkpoint
        ? checkpointItem(run, checkpoint)
        : runItem(run, stars.has(run.id), label ?? names().get(run.id) ?? plainName(run));
      if (place) item.id = `${place}/${item.id}`;
      return item;
    },
    // Experiments alone are brought into view.
    getParent: (node: Node) =>
      "kind" in node && node.kind === "experiment" ? experimentsNode : undefined,
  } satisfies vscode.TreeDataProvider<Node>;
  const view = vscode.window.createTreeView<Node>(runsView, {
    showCollapseAll: true,
    canSelectMany: true,
    treeDataProvider: provider,
  });
  let anySelected = false;
  /** Of a selected row that is just drawn anew the editor does not know the node for a moment. */
  const selected = async (isSome = anySelected): Promise<readonly Node[]> => {
    for (let waited = 0; isSome && view.selection.length === 0 && waited < 2000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return view.selection;
  };
  // The editor forgets the arguments of a row's command when the row is drawn anew, before the window has the new ones, and
  // then refuses a click ("Actual command not found"). So the command has none: what was clicked is selected.
  const click = async (): Promise<unknown> => {
    // What was clicked is selected, or just about to be.
    const [node] = await selected(true);
    if (!node) return undefined;
    if ("kind" in node) return vscode.commands.executeCommand("glad.openTable", node);
    const clicked: RunNode = { run: node.run, checkpoint: null, clicked: true };
    return vscode.commands.executeCommand("glad.openResults", clicked);
  };
  const heard = [
    store.onChange(drawing.ask),
    experiments.onChange(drawing.ask),
    vscode.commands.registerCommand(clickCommand, click),
    view.onDidChangeSelection(({ selection }) => (anySelected = selection.length > 0)),
  ];
  return {
    get filter() {
      return filter;
    },
    get order() {
      return order;
    },
    selected: async () => (await selected()).filter((node): node is RunNode => "run" in node),
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
    async reveal(experiment) {
      changed.fire();
      await view.reveal({ kind: "experiment", experiment }, { select: true, expand: true });
    },
    get visible() {
      return view.visible;
    },
    children: (node) => provider.getChildren(node),
    item: (node) => provider.getTreeItem(node),
    busy: (work) => vscode.window.withProgress({ location: { viewId: runsView } }, work),
    dispose() {
      drawing.dispose();
      for (const each of heard) each.dispose();
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

function runItem(run: HostRun, starred: boolean, label: string): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, run.checkpoints.length > 0 ? Collapsed : None);
  const [icon, colour] = icons[iconOf(run)];
  item.id = run.id;
  item.iconPath = new vscode.ThemeIcon(icon, colour ? new vscode.ThemeColor(colour) : undefined);
  item.description = `${starred ? "★ " : ""}${rootOf(run)}${describeRun(run)}`;
  item.tooltip = tooltip(run);
  item.contextValue = contextOf(run, starred);
  item.command = { command: clickCommand, title: "" };
  item.accessibilityInformation = { label: `${run.name}, ${describeRun(run)}` };
  return item;
}

/** Of a trainer that is being ended it is that, of one that hangs a warning. */
function iconOf(run: HostRun): HostRun["state"] {
  if (stoppingText(run) !== null) return "starting";
  const { state, status } = run;
  // It waits to be measured on more, and nobody stopped it.
  if (state === "stopped" && status && status.steps > 0 && status.step >= status.steps)
    return "created";
  return run.silent === null ? run.state : "interrupted";
}

/** `;live;running;starred;`: what menus ask for. */
function contextOf(run: HostRun, starred: boolean): string {
  const words = ["run", run.state];
  if (isLive(run)) words.push("live", isListening(run) ? "listening" : "deaf");
  if (isResumable(run)) words.push("resumable");
  if (run.checkpoints.length > 0) words.push("saved");
  words.push(starred ? "starred" : "plain");
  return `;${words.join(";")};`;
}

/** "running 120/800 · all 71.30% · cpu (2 threads)"; of a finished run its accuracy comes before its steps. */
export function describeRun(run: HostRun): string {
  const { state, silent, status, best, record } = run;
  // Of a run that is followed the events are ahead of its status.
  const made = Math.max(status?.step ?? 0, isLive({ state }) ? record.step : 0);
  const step = status && status.steps > 0 ? `${made}/${status.steps}` : null;
  const finished = state === "finished";
  const all = step !== null && made >= status!.steps;
  const doing = all ? stateWhenMade(state) : stateName(state);
  return [
    finished || step === null ? doing : `${doing} ${step}`,
    state === "stopped" && status?.forced && vscode.l10n.t("ended by force"),
    stoppingText(run) ??
      (silent !== null && vscode.l10n.t("its trainer has not answered for {0}", duration(silent))),
    best && `${best.label} ${best.accuracy.toFixed(2)}%`,
    finished ? step : null,
    status?.device,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** "stopping: asked to end, asked again in 28 s", or that somebody else asked for the end; null where nobody did. */
export function stoppingText({ stopping, asked }: HostRun): string | null {
  if (stopping !== null) return vscode.l10n.t("stopping: {0}", stopping);
  return asked ? vscode.l10n.t("asked to stop") : null;
}

/** The workspace folder that a run lies in, where there are several to tell apart. */
function rootOf({ id }: HostRun): string {
  if ((vscode.workspace.workspaceFolders?.length ?? 0) < 2) return "";
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(id));
  return folder ? `${folder.name} · ` : "";
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

/** Of a run that has made all its steps: it is measured, or waits for that where it was given more to be measured on. */
function stateWhenMade(state: HostRun["state"]): string {
  if (state === "running") return vscode.l10n.t("measuring");
  return state === "stopped" ? vscode.l10n.t("to be measured") : stateName(state);
}

function tooltip(run: HostRun): string {
  const { secondsLeft, imagesPerSecond } = paceOf(run.record);
  const lines = [run.name, describeRun(run)];
  if (run.record.deviceReason !== null)
    lines.push(`${run.record.device}: ${run.record.deviceReason}`);
  if (isLive(run) && secondsLeft !== null && imagesPerSecond !== null)
    lines.push(
      vscode.l10n.t("{0} images/s, {1} left", speed(imagesPerSecond), duration(secondsLeft)),
    );
  if (run.status?.reason) lines.push(run.status.reason);
  return lines.join("\n");
}

/** "base 97.42%" for each split that a run was measured on at a step. */
export function accuraciesAt({ record }: HostRun, step: number): string[] {
  return record.evaluations
    .filter((each) => each.step === step && !each.zeroShot)
    .map(({ split, accuracy }) => `${split} ${accuracy.toFixed(2)}%`);
}

/** The row of a checkpoint. */
export function checkpointItem(run: HostRun, checkpoint: CheckpointInfo): vscode.TreeItem {
  const { step, size, folder } = checkpoint;
  const label = vscode.l10n.t("Step {0}", step);
  const item = new vscode.TreeItem(label);
  const best = run.best?.step === step;
  const measured = accuraciesAt(run, step);
  item.id = folder;
  item.iconPath = new vscode.ThemeIcon(best ? "star-full" : "archive");
  const facts = [...measured, bytes(size), ...(best ? [vscode.l10n.t("best")] : [])];
  item.description = facts.join(" · ");
  item.accessibilityInformation = { label: [label, ...facts].join(", ") };
  item.tooltip = [...measured, folder].join("\n");
  item.contextValue = `;checkpoint;${isLive(run) ? "live" : "dead"};${isResumable(run) ? "resumable;" : ""}`;
  return item;
}
