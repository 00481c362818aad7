import * as vscode from "vscode";
import { experimentKind } from "./experimentKind";
import type { ExperimentStore } from "./experimentStore";

/** "Run | Status | Table" over every experiment; of these, what can be done. */
export function offerExperimentLenses(experiments: ExperimentStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provideCodeLenses = async (document: vscode.TextDocument): Promise<vscode.CodeLens[]> => {
    const { experimentLenses } = await import("./lenses");
    return experimentLenses(document, experiments.get(document.uri.fsPath));
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.languages.registerCodeLensProvider(
      { scheme: "file", pattern: experimentKind.pattern },
      { onDidChangeCodeLenses: changed.event, provideCodeLenses },
    ),
  );
}
