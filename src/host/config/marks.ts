import * as vscode from "vscode";
import type { ConfigFinding } from "../../protocol/configFinding";
import { type PlacedFinding, placeFindings, type Problem } from "./problems";

/** What the editor names beside a mark of ours. */
export const markSource = "GLAD";

/** What was found of the text that was checked last. */
interface Checked {
  checked?: string;
  findings: readonly ConfigFinding[];
}

/** The marks of a document: what is wrong with its text, or else what was last found that is there still. */
export function marksOf(
  document: vscode.TextDocument,
  problems: readonly Problem[],
  { checked = "", findings }: Checked,
): vscode.Diagnostic[] {
  const { Error, Warning } = vscode.DiagnosticSeverity;
  if (problems.length > 0) {
    const told = marksSyntax(document) ? problems.filter(({ isSyntax }) => !isSyntax) : problems;
    return told.map((problem) => diagnosticAt(document, problem, Error));
  }
  return stillThere(findings, checked, document.getText()).map((found) =>
    diagnosticAt(document, found, found.state === "failed" ? Error : Warning),
  );
}

/** Whether the editor itself marks what is no JSON in a document, so that a mark of ours would be the second one. */
function marksSyntax({ languageId, uri }: vscode.TextDocument): boolean {
  return (
    /^jsonc?$/.test(languageId) &&
    vscode.extensions.getExtension("vscode.json-language-features") !== undefined &&
    vscode.workspace.getConfiguration("json", uri).get("validate.enable") !== false
  );
}

/** The findings of the last check whose settings have the same values still. */
function stillThere(
  findings: readonly ConfigFinding[],
  checked: string,
  text: string,
): PlacedFinding[] {
  const valueAt = (whole: string, { offset, length }: PlacedFinding): string =>
    whole.slice(offset, offset + length);
  const before = placeFindings(findings, checked);
  return placeFindings(findings, text).filter(
    (found, i) => valueAt(text, found) === valueAt(checked, before[i]!),
  );
}

/** A mark at a place of a document. */
function diagnosticAt(
  document: vscode.TextDocument,
  { message, offset, length }: { message: string; offset: number; length: number },
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  const made = new vscode.Diagnostic(range, message, severity);
  made.source = markSource;
  return made;
}
