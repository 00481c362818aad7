import * as vscode from "vscode";
import type { ConfigFinding, ConfigFix } from "../../protocol/configFinding";
import { type Mended, mendsIn } from "./mends";
import { type Problem, withValues } from "./problems";

/** What mends the marks within a range of a file: of its text, and of what its last check found. */
export function provideFixes(
  document: vscode.TextDocument,
  range: vscode.Range,
  diagnostics: readonly vscode.Diagnostic[],
  { problems, findings }: { problems: readonly Problem[]; findings: readonly ConfigFinding[] },
): vscode.CodeAction[] {
  return [
    ...mendingText(document, range, diagnostics, problems),
    ...diagnostics.flatMap((diagnostic) => {
      const finding = findings.find(({ message }) => message === diagnostic.message);
      const actions = (finding?.fixes ?? []).map((fix) => actionOf(fix, document));
      actions.forEach((action, i) => {
        action.diagnostics = [diagnostic];
        action.isPreferred = i === 0;
      });
      return actions;
    }),
  ];
}

/** The fixes are made of the text anew: a diagnostic cannot carry what is to be put in its place. */
function mendingText(
  document: vscode.TextDocument,
  range: vscode.Range,
  diagnostics: readonly vscode.Diagnostic[],
  problems: readonly Problem[],
): vscode.CodeAction[] {
  const text = document.getText();
  return problems.flatMap((problem) => {
    const { message, offset, length } = problem;
    const place = new vscode.Range(
      document.positionAt(offset),
      document.positionAt(offset + length),
    );
    if (!place.intersection(range)) return [];
    return mendsIn(text, problem).map((mended, i) => {
      const action = quickFix(titleOf(mended));
      action.diagnostics = diagnostics.filter((each) => each.message === message);
      action.isPreferred = i === 0 && mended.isLikely;
      action.edit = changeTo(document, mended.text);
      return action;
    });
  });
}

function titleOf({ does, what }: Mended): string {
  const { t } = vscode.l10n;
  switch (does) {
    case "change":
      return t("Change to {0}", what);
    case "add":
      return t("Add {0}", what);
    case "move":
      return t("Move to {0}", what);
    case "leaveOut":
      return t("Leave out {0}", what);
  }
}

function actionOf(fix: ConfigFix, document: vscode.TextDocument): vscode.CodeAction {
  const { t } = vscode.l10n;
  const text = document.getText();
  switch (fix.kind) {
    case "set": {
      const changes = Object.entries(fix.values);
      const said = changes.map(([name, value]) => t("{0} to {1}", name, JSON.stringify(value)));
      const action = quickFix(t("Change {0}", said.join(", ")));
      action.edit = changeTo(document, withValues(text, fix.values));
      return action;
    }
    case "remove": {
      const action = quickFix(t("Leave out {0}", fix.settings.join(", ")));
      const nothing = Object.fromEntries(fix.settings.map((name) => [name, undefined] as const));
      action.edit = changeTo(document, withValues(text, nothing));
      return action;
    }
    case "pull":
      return command(t("Pull Model {0}", fix.model), "glad.pullModel", fix.model);
    case "checkData":
      return command(t("Check Data Set"), "glad.checkData", vscode.Uri.file(fix.root));
  }
}

function command(title: string, id: string, argument: unknown): vscode.CodeAction {
  const action = quickFix(title);
  action.command = { title, command: id, arguments: [argument] };
  return action;
}

function quickFix(title: string): vscode.CodeAction {
  return new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
}

/** Puts another text in the place of a document's; only what differs is replaced, so that cursors and marks elsewhere stay. */
function changeTo(document: vscode.TextDocument, after: string): vscode.WorkspaceEdit {
  const before = document.getText();
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const range = new vscode.Range(
    document.positionAt(start),
    document.positionAt(before.length - end),
  );
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, after.slice(start, after.length - end));
  return edit;
}
