import { join } from "node:path";
import * as vscode from "vscode";

/** Where the demo lies: with the runs of the workspace, or without a workspace in the extension's own folder. */
export function demoHome({ globalStorageUri }: vscode.ExtensionContext): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return folder === undefined ? join(globalStorageUri.fsPath, "demo") : join(folder, ".glad");
}
