import * as vscode from "vscode";

/** What a page's texts are in the user's language; nothing where that is English. */
export function translations(strings: Readonly<Record<string, string>>): Record<string, string> {
  if (!vscode.l10n.bundle) return {};
  return Object.fromEntries(
    Object.entries(strings).map(([name, text]) => [name, vscode.l10n.t(text)]),
  );
}
