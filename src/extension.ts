import { loadStart } from "./host/loadStart";
import { join } from "node:path";
import * as vscode from "vscode";
import { registerCommands } from "./host/commands/register";
import { offerCodeLenses } from "./host/config/codeLens";
import { findConfigFiles } from "./host/config/configFiles";
import { createDataTree } from "./host/data/dataTree";
import { addedFolders, openWindowData } from "./host/data/openData";
import { createDataPanels } from "./host/data/pages/dataPanels";
import { configKind, diagnoseConfigs } from "./host/config/diagnostics";
import { findExperimentFiles } from "./host/experiments/experimentFiles";
import { offerExperimentLenses } from "./host/experiments/experimentLenses";
import { experimentKindOf } from "./host/experiments/experimentKind";
import { openExperiments } from "./host/experiments/openExperiments";
import { createTablePanels } from "./host/experiments/tablePanels";
import { demoHome } from "./host/demoHome";
import { contextKeys } from "./host/ids";
import { followTrainers, tellAttached } from "./host/output";
import { createResultsPanels } from "./host/panel/resultsPanels";
import { openProgram } from "./host/program";
import { editorPrompts } from "./host/prompts";
import { provideReports } from "./host/report";
import { keepLeases } from "./host/runs/leases";
import { createRunsTree } from "./host/runs/runsTree";
import { openRunStore } from "./host/runs/runStore";
import { watchTrash } from "./host/runs/trash";
import type { Services } from "./host/services";
import { createStatusBar, keepContext } from "./host/statusBar";

const loaded = performance.now();

/** Wires the extension together. Tests are given its services, to answer questions in the user's stead. */
export function activate(context: vscode.ExtensionContext): Services | undefined {
  const started = performance.now();
  const output = vscode.window.createOutputChannel("GLAD", { log: true });
  const store = openRunStore();
  const configs = findConfigFiles();
  const program = openProgram(context.extensionPath, output);
  const added = addedFolders(context.workspaceState);
  const data = openWindowData(context, program, configs, added, output);
  const dropped = async (folders: string[]): Promise<void> => {
    const { addFolders } = await import("./host/commands/data");
    await addFolders(services, folders);
  };
  const experimentFiles = findExperimentFiles();
  // Of an experiment that nobody sees the program is not asked.
  const seen = (): boolean => services.tree.visible || services.tables.visible;
  const experiments = openExperiments(store, program, seen);
  const runFolders = (): string[] => [
    ...configs.runFolders(),
    ...experiments.runFolders(),
    join(demoHome(context), "runs"),
  ];
  const services: Services = {
    context,
    output,
    prompts: editorPrompts,
    program,
    added,
    data,
    dataTree: createDataTree(data, dropped, configs.onChange, output),
    dataPanels: createDataPanels(context, program, data, output, (options) =>
      services.prompts.save(options),
    ),
    store,
    configs,
    diagnostics: diagnoseConfigs(
      program,
      output,
      [configKind, experimentKindOf(experiments)],
      () => data.places,
    ),
    experimentFiles,
    experiments,
    tree: createRunsTree(store, experiments, context.workspaceState),
    trash: watchTrash(store, runFolders),
    panels: createResultsPanels(context.extensionUri, store, output),
    tables: createTablePanels(context.extensionUri, experiments, output),
  };
  const lookForRuns = (): void => {
    store.setFolders(runFolders());
    void services.trash.look();
  };
  context.subscriptions.push(
    output,
    store,
    configs,
    services.tree,
    services.trash,
    services.panels,
    data,
    services.dataTree,
    services.dataPanels,
    services.tables,
    experimentFiles,
    experiments,
    configs.onChange(lookForRuns),
    experiments.onFolders(lookForRuns),
    experimentFiles.onChange(() =>
      experiments.setFiles(experimentFiles.files, experimentFiles.outputs()),
    ),
    followTrainers(store, output),
    keepLeases(store),
    createStatusBar(store),
    keepContext(store),
    services.diagnostics,
    offerCodeLenses(configs, store),
    offerExperimentLenses(experiments),
    provideReports(),
    registerCommands(services),
  );
  lookForRuns();
  void Promise.allSettled([configs.refresh(), store.ready]).then(() =>
    vscode.commands.executeCommand("setContext", contextKeys.hasLooked, true),
  );
  void experimentFiles.refresh();
  const [loading, activation] = [loaded - loadStart, performance.now() - started];
  output.info(`Loaded in ${loading.toFixed(1)} ms, activated in ${activation.toFixed(1)} ms`);
  void store.ready.then(() => tellAttached(store, output, loadStart));
  return context.extensionMode === vscode.ExtensionMode.Test ? services : undefined;
}
