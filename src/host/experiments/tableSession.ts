import * as vscode from "vscode";
import { pageStrings } from "../../protocol/pageStrings";
import {
  type ExperimentView,
  type ExportFormat,
  parseTablePageMessage,
  type TableHostMessage,
  type TablePageMessage,
} from "../../protocol/tablePage";
import { messageOf, UserError } from "../../util/errors";
import { translations } from "../translations";
import { throttled } from "../throttle";
import type { ExperimentStore } from "./experimentStore";
import { failuresOf, type HostExperiment } from "./hostExperiment";

export interface TableSessionOptions {
  panel: vscode.WebviewPanel;
  experiments: ExperimentStore;
  output: vscode.LogOutputChannel;
  file: string;
}

/** The least milliseconds between two messages on how an experiment goes. */
const pause = 500;

/** Speaks with the page of an experiment's table. Whenever the page says that it is ready, everything begins anew. */
export function openTableSession(options: TableSessionOptions): vscode.Disposable {
  const { panel, experiments, output, file } = options;
  let shown = "";

  const post = (message: TableHostMessage): void => void panel.webview.postMessage(message);
  const send = async (): Promise<void> => {
    if (!panel.visible) return;
    const experiment = experiments.get(file);
    if (experiment) panel.title = titleOf(experiment.name);
    post({
      type: "experiment",
      file,
      experiment: experiment ? viewOf(experiment) : null,
      strings: translations(pageStrings),
      mayControl: vscode.workspace.isTrusted,
    });
    const now = experiment ? tableKey(experiment) : "";
    if (now === shown) return;
    shown = now;
    const { tableOf } = await import("./tableOf");
    post({ type: "table", table: experiment ? tableOf(experiment) : null });
  };
  const sending = throttled(pause, () => void send());

  const act = async (message: TablePageMessage): Promise<void> => {
    switch (message.type) {
      case "ready":
        shown = "before";
        experiments.want(file);
        return send();
      case "export":
        return exportTable(file, experiments.get(file), message);
      case "control":
        return void (await vscode.commands.executeCommand(
          `glad.${message.action}Experiment`,
          vscode.Uri.file(file),
        ));
      case "openFile":
        return void (await vscode.commands.executeCommand(
          "glad.openExperiment",
          vscode.Uri.file(file),
        ));
      case "openRuns": {
        const experiment = experiments.get(file);
        const progress = experiment?.progress.find(
          ({ dataset, method }) => dataset === message.dataset && method === message.method,
        );
        if (experiment && progress)
          await vscode.commands.executeCommand("glad.openResults", {
            kind: "cell",
            experiment,
            progress,
          });
      }
    }
  };

  return vscode.Disposable.from(
    sending,
    experiments.onChange((changed) => {
      if (changed === file) sending.ask();
    }),
    panel.onDidChangeViewState(() => sending.ask()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => sending.ask()),
    panel.webview.onDidReceiveMessage((value: unknown) => {
      const message = parseTablePageMessage(value);
      if (message === null) return output.warn("The page of a table sent a message that is none.");
      return act(message).catch(
        (error: unknown) => void vscode.window.showErrorMessage(messageOf(error)),
      );
    }),
  );
}

/** Changes whenever the table does: with what its file says of rows and columns, and with what was measured. */
export function tableKey({ record, results }: Pick<HostExperiment, "record" | "results">): string {
  const measured = results.map(({ splits, state }) => splits ?? state === "failed");
  return JSON.stringify([{ ...record, cells: null }, measured]);
}

async function exportTable(
  file: string,
  experiment: HostExperiment | undefined,
  { format, to }: { format: ExportFormat; to: "file" | "clipboard" },
): Promise<void> {
  const { tableText } = await import("./tableText");
  const text = experiment ? tableText(experiment, format) : null;
  if (text === null) throw new UserError(vscode.l10n.t("There is no table yet."));
  if (to === "clipboard") {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(vscode.l10n.t("The table is on the clipboard."), 4000);
    return;
  }
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(file.replace(/\.experiment\.json$/, endings[format])),
    filters: { [formatNames[format]]: [endings[format].slice(1)] },
  });
  if (target) await vscode.workspace.fs.writeFile(target, Buffer.from(text));
}

/** What the page's header shows of an experiment. */
export function viewOf(experiment: HostExperiment): ExperimentView {
  const { name, state, record, results, progress, waiting, left, stale, problem } = experiment;
  return {
    name,
    protocol: record?.protocol ?? "",
    state,
    datasets: record?.datasets.map(({ name: of, title }) => ({ name: of, title })) ?? [],
    methods: record?.methods.map((method) => method.name) ?? [],
    cells: progress.map((cell) => ({ ...cell })),
    waiting,
    left,
    failures: failuresOf(results),
    problem: problem ?? stale,
  };
}

const endings: Record<ExportFormat, string> = { markdown: ".md", csv: ".csv", latex: ".tex" };
const formatNames: Record<ExportFormat, string> = {
  markdown: "Markdown",
  csv: "CSV",
  latex: "LaTeX",
};

/** What the panel of an experiment is called. */
export function titleOf(name: string): string {
  return vscode.l10n.t("{0}: table", name);
}
