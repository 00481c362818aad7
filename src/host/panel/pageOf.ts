import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { pageHtml } from "../pageHtml";

/** The folder of the pages' own files. */
export function pageFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, "dist");
}

/** The document of a panel whose page is one of our scripts, e.g. "webview". */
export function pageOf(webview: vscode.Webview, folder: vscode.Uri, script: string): string {
  const address = (file: string): string =>
    String(webview.asWebviewUri(vscode.Uri.joinPath(folder, file)));
  return pageHtml({
    scriptUri: address(`${script}.js`),
    styleUri: address("webview.css"),
    nonce: randomBytes(16).toString("base64url"),
    cspSource: webview.cspSource,
    language: vscode.env.language,
    title: "GLAD",
  });
}
