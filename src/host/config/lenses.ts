import * as vscode from "vscode";
import { markSource } from "./marks";
import { configProblems, type Problem } from "./problems";

/** "Train | Zero-shot | Open last results" of a configuration; of these, what can be done. */
export function configLenses(
  document: vscode.TextDocument,
  lastRun: object | null,
): vscode.CodeLens[] {
  const { t } = vscode.l10n;
  const problems = configProblems(document.getText(), document.uri.fsPath);
  const lens = lensOf(document);
  return [
    ...starts(document, problems, [
      lens(`$(play) ${t("Train")}`, "glad.train"),
      lens(t("Zero-shot"), "glad.zeroShot"),
    ]),
    ...(lastRun ? [lens(t("Open last results"), "glad.openLastResults")] : []),
  ];
}

/**
 * What starts something; of a text that is refused, and of one that names what is not there, how to mend it, in the same line, so
 * that no line moves while one types.
 */
export function starts(
  { uri }: vscode.TextDocument,
  problems: readonly Problem[],
  lenses: readonly vscode.CodeLens[],
): readonly vscode.CodeLens[] {
  const { t } = vscode.l10n;
  const count = problems.length > 0 ? problems.length : failuresMarked(uri);
  if (count === 0) return vscode.workspace.isTrusted ? lenses : [];
  const counted = count === 1 ? t("1 problem to mend") : t("{0} problems to mend", count);
  // The editor may mark one mistake of these in several places.
  const said = problems[0]?.isSyntax ? t("Not valid JSON") : counted;
  const title = `$(error) ${said}`;
  return [new vscode.CodeLens(first, { title, command: "editor.action.marker.next" })];
}

/** How much the last check found that would stop a run, as it is marked now. */
function failuresMarked(uri: vscode.Uri): number {
  const isFailure = ({ source, severity }: vscode.Diagnostic): boolean =>
    source === markSource && severity === vscode.DiagnosticSeverity.Error;
  return vscode.languages.getDiagnostics(uri).filter(isFailure).length;
}

const first = new vscode.Range(0, 0, 0, 0);

/** Makes lenses over the first line, whose commands are given the document. */
export function lensOf({ uri }: vscode.TextDocument) {
  return (title: string, command: string): vscode.CodeLens =>
    new vscode.CodeLens(first, { title, command, arguments: [uri] });
}
