import * as vscode from "vscode";
import type { Prompts } from "./prompts";

/** Asks for a file of a kind ("CSV"), with a name proposed, and saves there. */
export async function saveFile(
  ask: Prompts["save"],
  name: string,
  kind: string,
  content: Uint8Array,
): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const file = await ask({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
    filters: { [kind]: [kind.toLowerCase()] },
  });
  if (file) await vscode.workspace.fs.writeFile(file, content);
}
