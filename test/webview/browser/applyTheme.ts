import type { TestTheme } from "../themes";

/** Dresses the document as VS Code does a webview's. */
export function applyTheme({ kind, name, variables }: TestTheme): void {
  for (const [variable, value] of Object.entries(variables))
    document.documentElement.style.setProperty(`--vscode-${variable}`, value);
  document.body.className = kind;
  document.body.dataset.vscodeThemeKind = kind;
  document.body.dataset.vscodeThemeId = name;
}
