import * as vscode from "vscode";
import { experimentKind } from "./experimentKind";

/** "Run | Status | Table" over every experiment; of these, what can be done. */
export function offerExperimentLenses(): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provideCodeLenses = ({ uri }: vscode.TextDocument): vscode.CodeLens[] => {
    const top = new vscode.Range(0, 0, 0, 0);
    const { t } = vscode.l10n;
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(top, { title, command, arguments: [uri] });
    const looks = [lens(t("Status"), "glad.showExperiment"), lens(t("Table"), "glad.openTable")];
    if (!vscode.workspace.isTrusted) return looks;
    return [lens(`$(run-all) ${t("Run")}`, "glad.runExperiment"), ...looks];
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
