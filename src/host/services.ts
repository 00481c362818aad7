import type * as vscode from "vscode";
import type { ConfigFiles } from "./config/configFiles";
import type { ConfigDiagnostics } from "./config/diagnostics";
import type { DataStore } from "./data/dataStore";
import type { DataTree } from "./data/dataTree";
import type { AddedFolders } from "./data/openData";
import type { DataPanels } from "./data/pages/dataPanels";
import type { ResultsPanels } from "./panel/resultsPanels";
import type { ExperimentFiles } from "./experiments/experimentFiles";
import type { ExperimentStore } from "./experiments/experimentStore";
import type { TablePanels } from "./experiments/tablePanels";
import type { Program } from "./program";
import type { Prompts } from "./prompts";
import type { RunsTree } from "./runs/runsTree";
import type { RunStore } from "./runs/runStore";
import type { Trash } from "./runs/trash";

/** What commands work with. */
export interface Services {
  context: vscode.ExtensionContext;
  output: vscode.LogOutputChannel;
  prompts: Prompts;
  program: Program;
  store: RunStore;
  configs: ConfigFiles;
  diagnostics: ConfigDiagnostics;
  tree: RunsTree;
  trash: Trash;
  panels: ResultsPanels;
  /** The data sets of the window, what shows them, and the folders that the user added. */
  data: DataStore;
  dataTree: DataTree;
  dataPanels: DataPanels;
  added: AddedFolders;
  experimentFiles: ExperimentFiles;
  experiments: ExperimentStore;
  tables: TablePanels;
}
