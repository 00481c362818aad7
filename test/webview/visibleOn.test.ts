import { colord, extend } from "colord";
import a11y from "colord/plugins/a11y";
import { expect, test } from "vitest";
import { visibleOn } from "../../webview/visibleOn";
import { themes } from "./themes";

extend([a11y]);

const contrast = (a: string, b: string): number => colord(a).contrast(b);

test.each(themes.map((theme) => [theme.name, theme.variables]))(
  "every curve of %s can be seen",
  (_, variables) => {
    const background = variables["editor-background"]!;
    const colours = Object.entries(variables).filter(([name]) => name.startsWith("charts-"));
    expect(colours.length).toBeGreaterThan(3);
    for (const [, colour] of colours)
      expect(contrast(visibleOn(background, colour), background)).toBeGreaterThanOrEqual(3);
  },
);

test("a colour that can be seen is left as it is", () => {
  expect(visibleOn("#1f1f1f", "#cd861a")).toBe("#cd861a");
  expect(visibleOn("#ffffff", "#388a34")).toBe("#388a34");
});

test("what a theme lays under words, as VS Code 1.139's orange, is opaque as a line", () => {
  const orange = "rgba(234, 92, 0, 0.33)";
  expect(visibleOn("#1f1f1f", orange)).toBe("#ea5c00");
  expect(visibleOn("#ffffff", orange)).toBe("#ea5c00");
});

test("a colour like its background becomes lighter or darker and keeps its hue", () => {
  for (const [background, colour] of [
    ["#1e1e1e", "#613214"],
    ["#ffffff", "#f9c8a9"],
    ["#fdf6e3", "#eee8d5"],
    ["#000000", "#000000"],
  ] as const) {
    const seen = visibleOn(background, colour);
    expect(contrast(seen, background)).toBeGreaterThanOrEqual(3);
    // Not more than it must, so that colours stay apart.
    expect(contrast(seen, background)).toBeLessThan(3.6);
    const turned = Math.abs(colord(seen).hue() - colord(colour).hue());
    expect(Math.min(turned, 360 - turned)).toBeLessThan(6);
  }
});

test("what is no colour is left to the canvas", () => {
  expect(visibleOn("var(--x)", "#123456")).toBe("#123456");
  expect(visibleOn("#ffffff", "color(display-p3 1 0 0)")).toBe("color(display-p3 1 0 0)");
});
