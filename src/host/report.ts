import * as vscode from "vscode";

const scheme = "glad-report";

/** Shows what the program printed as a document that can be read and searched but not changed. */
export function provideReports(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: ({ query }) => decodeURIComponent(query),
  });
}

/** Opens a report. Its text is part of its address, so it is there again after a reload. */
export async function showReport(title: string, text: string): Promise<void> {
  const uri = vscode.Uri.from({
    scheme,
    path: `${title.replace(/[\\/]/g, "-")}.txt`,
    query: encodeURIComponent(text),
  });
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
    preview: true,
  });
}
