import { paletteSize } from "../src/protocol/colours";

/** The colours and the font of the editor's theme, as a canvas needs them. */
export interface Theme {
  background: string;
  foreground: string;
  muted: string;
  grid: string;
  palette: string[];
  font: string;
  /** Lines are told apart by dashes too, and nothing is drawn faint. */
  highContrast: boolean;
}

/** Blue, orange, green, purple, red, yellow: neighbours differ in hue and in lightness. */
const paletteVariables = ["blue", "orange", "green", "purple", "red", "yellow"];

/** Reads the theme from the variables that VS Code sets. */
export function readTheme(): Theme {
  const styles = getComputedStyle(document.body);
  const variable = (name: string): string => styles.getPropertyValue(name).trim();
  const foreground = variable("--vscode-foreground") || styles.color;
  const kind = document.body.dataset.vscodeThemeKind ?? "";
  return {
    background: variable("--vscode-editor-background") || styles.backgroundColor,
    foreground,
    muted: variable("--vscode-descriptionForeground") || foreground,
    grid: variable("--glad-grid") || foreground,
    palette: Array.from(
      { length: paletteSize },
      (_, i) => solid(variable(`--vscode-charts-${paletteVariables[i]}`)) || foreground,
    ),
    font: `11px ${variable("--vscode-font-family") || styles.fontFamily}`,
    highContrast: kind.startsWith("vscode-high-contrast"),
  };
}

/**
 * The colour without its transparency. VS Code 1.139 takes its orange from a highlight of the minimap, a third of it in most themes:
 * a line of that is hardly seen.
 */
function solid(colour: string): string {
  return colour.replace(/^rgba\((.+),[^,]+\)$/, "rgb($1)");
}

/** Tells of every change of the theme. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["class", "data-vscode-theme-kind", "data-vscode-theme-id"],
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
}

const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 2, 1, 2]];

/** The dashes of the n-th line among those of one colour; the first is solid. */
export function dash(n: number): number[] {
  return dashes[n % dashes.length]!;
}
