import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Services } from "../services";
import { changeTo } from "./changeTo";
import { folderIn } from "./guidedQuestions";
import { withValues } from "./problems";

/** Lets the user choose the folder that a configuration takes its images from, and writes it there. */
export async function chooseImages({ prompts }: Services, given: unknown): Promise<void> {
  if (!(given instanceof vscode.Uri)) return;
  const root = await folderIn(prompts, dirname(given.fsPath), vscode.l10n.t("Images"));
  if (root === null) return;
  const document = await vscode.workspace.openTextDocument(given);
  const text = withValues(document.getText(), { "data.root": root });
  await vscode.workspace.applyEdit(changeTo(document, text));
}
