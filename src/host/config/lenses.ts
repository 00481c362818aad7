import * as vscode from "vscode";
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
    ...starts(problems, [
      lens(`$(play) ${t("Train")}`, "glad.train"),
      lens(t("Zero-shot"), "glad.zeroShot"),
    ]),
    ...(lastRun ? [lens(t("Open last results"), "glad.openLastResults")] : []),
  ];
}

/** What starts something; of a text that is refused how to mend it, in the same line, so that no line moves while one types. */
export function starts(
  problems: readonly Problem[],
  lenses: readonly vscode.CodeLens[],
): readonly vscode.CodeLens[] {
  const { t } = vscode.l10n;
  const [problem, ...more] = problems;
  if (!problem) return vscode.workspace.isTrusted ? lenses : [];
  const count =
    more.length === 0 ? t("1 problem to mend") : t("{0} problems to mend", problems.length);
  // The editor may mark one mistake of these in several places.
  const said = problem.isSyntax ? t("Not valid JSON") : count;
  const title = `$(error) ${said}`;
  return [new vscode.CodeLens(first, { title, command: "editor.action.marker.next" })];
}

const first = new vscode.Range(0, 0, 0, 0);

/** Makes lenses over the first line, whose commands are given the document. */
export function lensOf({ uri }: vscode.TextDocument) {
  return (title: string, command: string): vscode.CodeLens =>
    new vscode.CodeLens(first, { title, command, arguments: [uri] });
}
