import * as vscode from "vscode";
import type { RunStore } from "../runs/runStore";
import type { ConfigFiles } from "./configFiles";
import { configSelector } from "./diagnostics";

/** "Train | Zero-shot | Open last results" over every configuration; of these, what can be done. */
export function offerCodeLenses(configs: ConfigFiles, store: RunStore): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let known = "";
  const look = (): void => {
    const now = store.runs.map(({ id }) => id).join("\n");
    if (now === known) return;
    known = now;
    changed.fire();
  };
  const provideCodeLenses = async ({ uri }: vscode.TextDocument): Promise<vscode.CodeLens[]> => {
    const top = new vscode.Range(0, 0, 0, 0);
    const { t } = vscode.l10n;
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(top, { title, command, arguments: [uri] });
    const starts = [
      lens(`$(play) ${t("Train")}`, "glad.train"),
      lens(t("Zero-shot"), "glad.zeroShot"),
    ];
    return [
      ...(vscode.workspace.isTrusted ? starts : []),
      ...((await configs.firstRunOf(uri.fsPath, store.runs))
        ? [lens(t("Open last results"), "glad.openLastResults")]
        : []),
    ];
  };
  return vscode.Disposable.from(
    changed,
    store.onChange(look),
    configs.onChange(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.languages.registerCodeLensProvider(configSelector, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses,
    }),
  );
}
