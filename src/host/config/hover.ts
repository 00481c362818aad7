import * as vscode from "vscode";
import { hoverOfKey } from "./keyHover";

/** The explanation of a key whose value is missing, or no JSON. */
export function provideHover(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Hover | null {
  const found = hoverOfKey(document.getText(), document.uri.fsPath, document.offsetAt(position));
  if (found === null) return null;
  const { said, offset, length } = found;
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  return new vscode.Hover(new vscode.MarkdownString(said), range);
}
