import * as vscode from "vscode";

/** "Train | Zero-shot | Open last results" over every configuration. */
export function offerCodeLenses(): vscode.Disposable {
  const selector: vscode.DocumentSelector = {
    scheme: "file",
    pattern: "**/{glad.json,*.glad.json}",
  };
  return vscode.languages.registerCodeLensProvider(selector, {
    provideCodeLenses({ uri }) {
      const top = new vscode.Range(0, 0, 0, 0);
      const { t } = vscode.l10n;
      const lens = (title: string, command: string): vscode.CodeLens =>
        new vscode.CodeLens(top, { title, command, arguments: [uri] });
      const looks = lens(t("Open last results"), "glad.openLastResults");
      if (!vscode.workspace.isTrusted) return [looks];
      return [
        lens(`$(play) ${t("Train")}`, "glad.train"),
        lens(t("Zero-shot"), "glad.zeroShot"),
        looks,
      ];
    },
  });
}
