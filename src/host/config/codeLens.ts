import * as vscode from "vscode";
import type { RunStore } from "../runs/runStore";
import { isConfigFile } from "./configFileName";
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
  const provideCodeLenses = async (document: vscode.TextDocument): Promise<vscode.CodeLens[]> => {
    const { configLenses } = await import("./lenses");
    return configLenses(document, await configs.firstRunOf(document.uri.fsPath, store.runs));
  };
  return vscode.Disposable.from(
    changed,
    store.onChange(look),
    configs.onChange(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    onMarks(isConfigFile, () => changed.fire()),
    vscode.languages.registerCodeLensProvider(configSelector, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses,
    }),
  );
}

/** Hears when the marks in files of a kind may be others. */
export function onMarks(
  matches: (path: string) => boolean,
  listener: () => void,
): vscode.Disposable {
  return vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (uris.some(({ fsPath }) => matches(fsPath))) listener();
  });
}
