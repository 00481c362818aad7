import * as vscode from "vscode";
import { lensOf, starts } from "../config/lenses";
import type { HostExperiment } from "./hostExperiment";
import { experimentProblems } from "./experimentProblems";

/** "Run | Status | Table" of an experiment; of these, what can be done. */
export async function experimentLenses(
  document: vscode.TextDocument,
  known: HostExperiment | undefined,
): Promise<vscode.CodeLens[]> {
  const { t } = vscode.l10n;
  const problems = await experimentProblems(document.getText(), document.uri.fsPath);
  const lens = lensOf(document);
  const looks = [lens(t("Status"), "glad.showExperiment"), lens(t("Table"), "glad.openTable")];
  return [
    ...starts(document, problems, [lens(`$(run-all) ${t("Run")}`, "glad.runExperiment")]),
    // What is there of earlier runs is there still.
    ...(problems.length === 0 || known?.record ? looks : []),
  ];
}
