import { dirname } from "node:path";
import * as vscode from "vscode";
import type { ConfigFinding, ConfigFix } from "../../protocol/configFinding";
import type { DataPlace } from "../data/dataStore";
import { chooseImagesCommand } from "../ids";
import { changeTo } from "./changeTo";
import type { FileKind } from "./diagnostics";
import { knownImages } from "./knownImages";
import { type Mended, mendsIn } from "./mends";
import { type Problem, withValues } from "./problems";

/** What mends the marks within a range of a file: of its text, and of what its last check found. */
export async function provideFixes(
  document: vscode.TextDocument,
  range: vscode.Range,
  diagnostics: readonly vscode.Diagnostic[],
  kind: FileKind,
  { findings }: { findings: readonly ConfigFinding[] },
  places: readonly DataPlace[],
): Promise<vscode.CodeAction[]> {
  const text = document.getText();
  const problems = await kind.problems(text, document.uri.fsPath);
  // Changed meanwhile: the editor asks again.
  if (document.getText() !== text) return [];
  return [
    ...mendingText(document, range, diagnostics, problems),
    ...diagnostics.flatMap((diagnostic) => {
      const finding = findings.find(({ message }) => message === diagnostic.message);
      const fixes = finding?.fixes ?? [];
      const actions = fixes.flatMap((fix) => actionsOf(fix, document, places));
      actions.forEach((action, i) => {
        action.diagnostics = [diagnostic];
        // Which images are meant nobody can say but the user.
        action.isPreferred = i === 0 && fixes[0]!.kind !== "chooseImages";
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

function actionsOf(
  fix: ConfigFix,
  document: vscode.TextDocument,
  places: readonly DataPlace[],
): vscode.CodeAction[] {
  const { t } = vscode.l10n;
  switch (fix.kind) {
    case "set":
      return [setting(document, fix.values)];
    case "remove": {
      const action = quickFix(t("Leave out {0}", fix.settings.join(", ")));
      const nothing = Object.fromEntries(fix.settings.map((name) => [name, undefined] as const));
      action.edit = changeTo(document, withValues(document.getText(), nothing));
      return [action];
    }
    case "pull":
      return [command(t("Pull Model {0}", fix.model), "glad.pullModel", fix.model)];
    case "checkData":
      return [command(t("Check Data Set"), "glad.checkData", vscode.Uri.file(fix.root))];
    case "chooseImages": {
      const known = knownImages(places, fix.dataset, dirname(document.uri.fsPath));
      return [
        ...known.map((values) => setting(document, values)),
        command(t("Choose the folder of images..."), chooseImagesCommand, document.uri),
      ];
    }
  }
}

function setting(
  document: vscode.TextDocument,
  values: Readonly<Record<string, unknown>>,
): vscode.CodeAction {
  const { t } = vscode.l10n;
  const changes = Object.entries(values);
  const said = changes.map(([name, value]) => t("{0} to {1}", name, JSON.stringify(value)));
  const action = quickFix(t("Change {0}", said.join(", ")));
  action.edit = changeTo(document, withValues(document.getText(), values));
  return action;
}

function command(title: string, id: string, argument: unknown): vscode.CodeAction {
  const action = quickFix(title);
  action.command = { title, command: id, arguments: [argument] };
  return action;
}

function quickFix(title: string): vscode.CodeAction {
  return new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
}
