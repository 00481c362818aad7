import { loadStart } from "./host/loadStart";
import { join } from "node:path";
import * as vscode from "vscode";
import { registerCommands } from "./host/commands/register";
import { demoHome } from "./host/commands/tools";
import { offerCodeLenses } from "./host/config/codeLens";
import { findConfigFiles } from "./host/config/configFiles";
import { diagnoseConfigs } from "./host/config/diagnostics";
import { addFolders } from "./host/commands/data";
import { createDataTree } from "./host/data/dataTree";
import { addedFolders, openWindowData } from "./host/data/openData";
import { createDataPanels } from "./host/data/pages/dataPanels";
import { followTrainers, tellAttached } from "./host/output";
import { createResultsPanels } from "./host/panel/resultsPanels";
import { openProgram } from "./host/program";
import { editorPrompts } from "./host/prompts";
import { provideReports } from "./host/report";
import { keepLeases } from "./host/runs/leases";
import { createRunsTree } from "./host/runs/runsTree";
import { openRunStore } from "./host/runs/runStore";
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
  const dropped = (folders: string[]): Promise<void> => addFolders(services, folders);
  const services: Services = {
    context,
    output,
    prompts: editorPrompts,
    program,
    added,
    data,
    dataTree: createDataTree(data, dropped, configs.onChange, output),
    dataPanels: createDataPanels(context, program, data, output),
    store,
    configs,
    diagnostics: diagnoseConfigs(program, output),
    tree: createRunsTree(store, context.workspaceState),
    panels: createResultsPanels(context.extensionUri, store, output),
  };
  const lookForRuns = (): void =>
    store.setFolders([...configs.runFolders(), join(demoHome(context), "runs")]);
  context.subscriptions.push(
    output,
    store,
    configs,
    services.tree,
    services.panels,
    data,
    services.dataTree,
    services.dataPanels,
    configs.onChange(lookForRuns),
    followTrainers(store, output),
    keepLeases(store),
    createStatusBar(store),
    keepContext(store),
    services.diagnostics,
    offerCodeLenses(configs, store),
    provideReports(),
    registerCommands(services),
  );
  lookForRuns();
  void configs.refresh();
  const [loading, activation] = [loaded - loadStart, performance.now() - started];
  output.info(`Loaded in ${loading.toFixed(1)} ms, activated in ${activation.toFixed(1)} ms`);
  void store.ready.then(() => tellAttached(store, output, loadStart));
  return context.extensionMode === vscode.ExtensionMode.Test ? services : undefined;
}
