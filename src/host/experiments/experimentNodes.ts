import { basename } from "node:path";
import * as vscode from "vscode";
import { percentDone } from "../../protocol/pace";
import type { CellProgress } from "../../protocol/tablePage";
import { clickCommand } from "../ids";
import type { RunNode } from "../runs/runNode";
import type { RunStore } from "../runs/runStore";
import { type HostExperiment, runOf, together } from "./hostExperiment";

/** The node that holds all experiments. */
export interface ExperimentsNode {
  kind: "experiments";
}

export interface ExperimentNode {
  kind: "experiment";
  experiment: HostExperiment;
}

/** A data set of an experiment on several. */
export interface DataSetNode {
  kind: "dataset";
  experiment: HostExperiment;
  dataset: string;
}

/** A cell: a method on a data set, with all its seeds. */
export interface CellNode {
  kind: "cell";
  experiment: HostExperiment;
  progress: CellProgress;
}

export type AnyExperimentNode = ExperimentsNode | ExperimentNode | DataSetNode | CellNode;

export const experimentsNode: ExperimentsNode = { kind: "experiments" };

/** The children of a node; runs are those of the store, or of a cell that is not begun none. */
export function experimentChildren(
  node: AnyExperimentNode,
  experiments: readonly HostExperiment[],
  runs: RunStore,
): (AnyExperimentNode | RunNode)[] {
  switch (node.kind) {
    case "experiments":
      return experiments.map((experiment) => ({ kind: "experiment", experiment }));
    case "experiment": {
      const { experiment } = node;
      const datasets = experiment.record?.datasets ?? [];
      if (datasets.length === 1) return cellsOf(experiment, datasets[0]!.name);
      return datasets.map(({ name }) => ({ kind: "dataset", experiment, dataset: name }));
    }
    case "dataset":
      return cellsOf(node.experiment, node.dataset);
    case "cell":
      return runsOf(node, runs);
  }
}

function cellsOf(experiment: HostExperiment, dataset: string): CellNode[] {
  return experiment.progress
    .filter((progress) => progress.dataset === dataset)
    .map((progress) => ({ kind: "cell", experiment, progress }));
}

/** The runs of a cell, each called by what tells it from the others. */
export function runsOf({ experiment, progress }: CellNode, runs: RunStore): RunNode[] {
  const { record } = experiment;
  if (!record) return [];
  const several = record.shots.length > 1;
  return record.cells.flatMap((cell) => {
    if (cell.dataset !== progress.dataset || cell.method !== progress.method) return [];
    const run = runs.get(runOf(record, cell) ?? "");
    if (!run) return [];
    const { t } = vscode.l10n;
    const parts = [
      ...(several && cell.shots !== null ? [t("{0} shots", cell.shots)] : []),
      ...(cell.seed !== null ? [t("seed {0}", cell.seed)] : []),
    ];
    const label = parts.length > 0 ? parts.join(", ") : cell.method;
    return { run, checkpoint: null, label, place: `${idOf(experiment)}/runs` };
  });
}

/** The item of a node. */
export function experimentItem(node: AnyExperimentNode): vscode.TreeItem {
  switch (node.kind) {
    case "experiments":
      return rootItem();
    case "experiment":
      return itemOfExperiment(node.experiment);
    case "dataset":
      return itemOfDataSet(node);
    case "cell":
      return itemOfCell(node);
  }
}

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

function rootItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t("Experiments"), Expanded);
  item.id = "experiments";
  item.iconPath = new vscode.ThemeIcon("beaker");
  item.contextValue = ";experiments;";
  return item;
}

function itemOfExperiment(experiment: HostExperiment): vscode.TreeItem {
  const { file, name, state, record, stale } = experiment;
  const problem = experiment.problem ?? stale;
  const item = new vscode.TreeItem(name, record ? Collapsed : None);
  item.id = idOf(experiment);
  item.iconPath = icon(state === "finished" && stale !== null ? "stale" : state);
  item.description = describeExperiment(experiment);
  const where = vscode.workspace.asRelativePath(file);
  item.tooltip = [`${name}: ${item.description}`, where, ...(problem ? [problem] : [])].join("\n");
  // Beside what is at work, perhaps for another experiment, runs may be left to begin with.
  item.contextValue = `;experiment;${state};${experiment.left > 0 ? "left;" : ""}`;
  item.command = { command: clickCommand, title: "" };
  item.accessibilityInformation = { label: `${name}, ${spoken(experiment)}` };
  return item;
}

function itemOfDataSet({ experiment, dataset }: DataSetNode): vscode.TreeItem {
  const parts = experiment.progress.filter((each) => each.dataset === dataset);
  const all = together(parts);
  const title = titleOf(experiment, dataset);
  const item = new vscode.TreeItem(title, Collapsed);
  item.id = `${idOf(experiment)}/${dataset}`;
  item.iconPath = icon(stateOf(all));
  item.description = `${bar(all.share)} ${runsText(all)}`;
  item.contextValue = ";dataset;";
  item.accessibilityInformation = { label: `${title}, ${runsText(all)}, ${percent(all.share)}` };
  return item;
}

function titleOf({ record }: HostExperiment, dataset: string): string {
  return record?.datasets.find(({ name }) => name === dataset)?.title ?? dataset;
}

function itemOfCell({ experiment, progress }: CellNode): vscode.TreeItem {
  const { dataset, method, runs } = progress;
  const some = experiment.record?.cells.some(
    (cell) => cell.dataset === dataset && cell.method === method && cell.run !== null,
  );
  const item = new vscode.TreeItem(method, some && runs > 0 ? Collapsed : None);
  item.id = `${idOf(experiment)}/${dataset}/${method}`;
  item.iconPath = icon(stateOf(progress));
  const counted = countText(experiment, progress);
  item.description = `${bar(progress.share)} ${counted}`;
  item.tooltip = `${titleOf(experiment, dataset)}, ${method}\n${counted}`;
  item.contextValue = `;cell;${some ? "begun;" : ""}`;
  item.accessibilityInformation = { label: `${method}, ${counted}, ${percent(progress.share)}` };
  return item;
}

/** "▰▰▰▰▱▱▱▱": a share in eight parts. The first is full once anything is done, the last only when all is. */
export function bar(share: number): string {
  const parts = 8;
  const full = share >= 1 ? parts : Math.min(parts - 1, Math.ceil(share * parts));
  return "▰".repeat(full) + "▱".repeat(parts - full);
}

/** "▰▰▰▱▱▱▱▱ 7/20 runs · 2 running · 1 failed" */
export function describeExperiment(experiment: HostExperiment): string {
  const { t } = vscode.l10n;
  const { file, state, record, stale, problem, progress, waiting, lost } = experiment;
  // Which file it is the row says already.
  const [first = ""] = (problem ?? stale ?? "").split("\n").map((line) => withoutFile(line, file));
  if (state === "broken") return t("cannot be read: {0}", first);
  const all = together(progress);
  const parts = [record ? `${bar(all.share)} ${runsText(all)}` : t("not run yet")];
  if (lost > 0) parts.push(t("{0} lost", lost));
  else if (state === "partial" && all.failed === 0) parts.push(t("incomplete"));
  if (waiting > 0) parts.push(t("{0} waiting", waiting));
  if (first !== "") parts.push(first);
  return parts.join(" · ");
}

/** "it is empty" of "FILE is empty", "line 3: ..." of "FILE, line 3: ...". */
function withoutFile(line: string, file: string): string {
  if (!line.startsWith(file)) return line;
  const rest = line.slice(file.length);
  return rest.startsWith(" ") ? `it${rest}` : rest.replace(/^[,:] /, "");
}

function runsText({
  finished,
  runs,
  running,
  measuring,
  failed,
}: Omit<CellProgress, "dataset" | "method">): string {
  const { t } = vscode.l10n;
  const parts = [t("{0}/{1} runs", finished, runs)];
  if (measuring > 0) parts.push(t("{0} only to be measured", measuring));
  if (running > 0) parts.push(t("{0} running", running));
  if (failed > 0) parts.push(t("{0} failed", failed));
  return parts.join(" · ");
}

/** "2/3 seeds · 640/800 steps" */
function countText({ record }: HostExperiment, progress: CellProgress): string {
  const { t } = vscode.l10n;
  const { finished, runs, measuring, failed, step, steps } = progress;
  const plain = record !== null && (record.shots.length > 1 || runs === 1);
  const parts = [plain ? t("{0}/{1} runs", finished, runs) : t("{0}/{1} seeds", finished, runs)];
  if (steps > 0) parts.push(t("{0}/{1} steps", step, steps));
  if (measuring > 0) parts.push(t("{0} only to be measured", measuring));
  if (failed > 0) parts.push(t("{0} failed", failed));
  return parts.join(" · ");
}

function spoken(experiment: HostExperiment): string {
  return describeExperiment(experiment).replace(/[▰▱]+ /, "");
}

function percent(share: number): string {
  return `${percentDone(share)}%`;
}

type Standing = HostExperiment["state"] | "failed" | "stale";

function stateOf({
  finished,
  runs,
  running,
  failed,
  step,
}: Omit<CellProgress, "dataset" | "method">): Standing {
  if (finished === runs) return "finished";
  if (running > 0) return "running";
  if (failed > 0) return "failed";
  return step > 0 || finished > 0 ? "partial" : "new";
}

const icons: Record<Standing, [icon: string, colour?: string]> = {
  new: ["circle-outline"],
  running: ["sync~spin", "charts.blue"],
  partial: ["circle-large-filled", "charts.yellow"],
  finished: ["pass", "charts.green"],
  stale: ["warning", "charts.yellow"],
  failed: ["error", "charts.red"],
  broken: ["error", "charts.red"],
};

function icon(state: Standing): vscode.ThemeIcon {
  const [name, colour] = icons[state];
  return new vscode.ThemeIcon(name, colour ? new vscode.ThemeColor(colour) : undefined);
}

/** An experiment as a list to pick from shows it. */
export function experimentPick(experiment: HostExperiment) {
  return {
    label: experiment.name,
    description: describeExperiment(experiment),
    detail: vscode.workspace.asRelativePath(experiment.file),
    experiment,
  };
}

/** What an item of the tree is called; its file alone tells two experiments of one name apart. */
function idOf({ file }: HostExperiment): string {
  return `experiment:${basename(file)}:${file}`;
}
