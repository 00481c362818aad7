import * as vscode from "vscode";
import { onMarks } from "../config/codeLens";
import { isExperimentFile } from "./experimentFileName";
import { experimentKind } from "./experimentKind";
import type { ExperimentStore } from "./experimentStore";

/** "Run | Status | Table" over every experiment; of these, what can be done. */
export function offerExperimentLenses(experiments: ExperimentStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const recorded = new Set<string>();
  /** What is there of runs is offered from then on, whatever is wrong with the file. */
  const look = (file: string): void => {
    const isRecorded = experiments.hasRecord(file);
    if (isRecorded === recorded.has(file)) return;
    if (isRecorded) recorded.add(file);
    else recorded.delete(file);
    changed.fire();
  };
  const provideCodeLenses = async (document: vscode.TextDocument): Promise<vscode.CodeLens[]> => {
    const { experimentLenses } = await import("./lenses");
    return experimentLenses(document, experiments.get(document.uri.fsPath));
  };
  return vscode.Disposable.from(
    changed,
    experiments.onChange(look),
    onMarks(isExperimentFile, () => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.languages.registerCodeLensProvider(
      { scheme: "file", pattern: experimentKind.pattern },
      { onDidChangeCodeLenses: changed.event, provideCodeLenses },
    ),
  );
}
