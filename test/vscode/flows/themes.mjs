// The results page in the editor's themes: it takes their kind and colours. Its looks are kept as screenshots.
import {
  chooseTheme,
  openResults,
  prepareDemo,
  resultsIn,
  trained,
  until,
  untilDrawn,
} from "../user.mjs";

/** Names as the settings know them, and the kind that a webview is told. */
const themes = {
  "Default Light Modern": "vscode-light",
  "Default Dark Modern": "vscode-dark",
  "Default High Contrast": "vscode-high-contrast",
  "Default High Contrast Light": "vscode-high-contrast-light",
};

const settings = { training: { steps: 12, augment: false }, evaluation: { every: 4 } };

export async function flow({ page, workspace, shot }) {
  await trained(await prepareDemo(workspace, settings));
  await openResults(page);
  const frame = await resultsIn(page, "finished");
  const looks = new Set();
  for (const [theme, kind] of Object.entries(themes)) {
    chooseTheme(workspace, theme);
    const body = frame.locator(`body[data-vscode-theme-kind="${kind}"]`);
    await body.waitFor();
    await untilDrawn(frame);
    const look = await until("the theme's own colours", async () => {
      const found = await colours(frame);
      return looks.has(found) ? null : found;
    });
    looks.add(look);
    await shot(kind);
  }
}

/** The page's background, text and buttons, as they are painted. */
const colours = (frame) =>
  frame.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    const button = getComputedStyle(document.querySelector(".toolbar vscode-button"));
    return [backgroundColor, color, button.color].join(" ");
  });
