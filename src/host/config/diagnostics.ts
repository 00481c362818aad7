import * as vscode from "vscode";
import { isConfigFile } from "./configFileName";
import { missingFiles } from "./missing";
import { configProblems, type Problem } from "./problems";

/** Milliseconds without typing before a configuration is looked at. */
const pause = 300;
const source = "GLAD";
const selector: vscode.DocumentSelector = { scheme: "file", pattern: "**/{glad.json,*.glad.json}" };

/** Marks what is wrong with open configurations, and offers to mend a misspelt key. */
export function diagnoseConfigs(): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection("glad");
  const waiting = new Map<string, NodeJS.Timeout>();
  const look = async (document: vscode.TextDocument): Promise<void> => {
    const { version } = document;
    const text = document.getText();
    const wrong = configProblems(text);
    const missing = wrong.length === 0 ? await missingFiles(text, document.uri.fsPath) : [];
    if (document.isClosed || document.version !== version) return;
    const { Error, Warning } = vscode.DiagnosticSeverity;
    collection.set(document.uri, [
      ...wrong.map((problem) => diagnostic(document, problem, Error)),
      ...missing.map((problem) => diagnostic(document, problem, Warning)),
    ]);
  };
  const soon = (document: vscode.TextDocument, delay = pause): void => {
    if (document.uri.scheme !== "file" || !isConfigFile(document.uri.fsPath)) return;
    const key = String(document.uri);
    clearTimeout(waiting.get(key));
    waiting.set(
      key,
      setTimeout(() => void look(document), delay),
    );
  };
  vscode.workspace.textDocuments.forEach((document) => soon(document, 0));
  return vscode.Disposable.from(
    collection,
    vscode.workspace.onDidOpenTextDocument((document) => soon(document, 0)),
    vscode.workspace.onDidSaveTextDocument((document) => soon(document, 0)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => soon(document)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
    vscode.languages.registerCodeActionsProvider(
      selector,
      { provideCodeActions },
      {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      },
    ),
    { dispose: () => waiting.forEach((timer) => clearTimeout(timer)) },
  );
}

function diagnostic(
  document: vscode.TextDocument,
  { message, offset, length }: Problem,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  const made = new vscode.Diagnostic(range, message, severity);
  made.source = source;
  return made;
}

/** The fixes are made of the text anew: a diagnostic cannot carry what is to be put in its place. */
function provideCodeActions(
  document: vscode.TextDocument,
  range: vscode.Range,
): vscode.CodeAction[] {
  return configProblems(document.getText()).flatMap((problem) => {
    const { replacement } = problem;
    const found = diagnostic(document, problem, vscode.DiagnosticSeverity.Error);
    if (replacement === null || !found.range.intersection(range)) return [];
    const action = new vscode.CodeAction(
      vscode.l10n.t("Change to {0}", replacement),
      vscode.CodeActionKind.QuickFix,
    );
    action.diagnostics = [found];
    action.isPreferred = true;
    action.edit = new vscode.WorkspaceEdit();
    action.edit.replace(document.uri, found.range, replacement);
    return [action];
  });
}
