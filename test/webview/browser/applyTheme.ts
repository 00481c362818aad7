import type { TestTheme } from "../themes";

/** Dresses the document as VS Code does a webview's, now or when its theme changes. Tests call it too. */
export function applyTheme({ kind, name, variables }: TestTheme): void {
  const { style } = document.documentElement;
  for (const variable of [...style])
    if (variable.startsWith("--vscode-")) style.removeProperty(variable);
  for (const [variable, value] of Object.entries(variables))
    style.setProperty(`--vscode-${variable}`, value);
  document.body.className = kind;
  document.body.dataset.vscodeThemeKind = kind;
  document.body.dataset.vscodeThemeId = name;
}

Object.assign(window, { applyTheme });
