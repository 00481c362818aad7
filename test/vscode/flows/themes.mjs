// The results page in the editor's themes: it takes their kind and colours. Its looks are kept as screenshots.
import {
  chooseTheme,
  expect,
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
  const backgrounds = new Set();
  for (const [theme, kind] of Object.entries(themes)) {
    chooseTheme(workspace, theme);
    const body = frame.locator(`body[data-vscode-theme-kind="${kind}"]`);
    await body.waitFor();
    await untilDrawn(frame);
    const colours = () => body.evaluate((each) => getComputedStyle(each).backgroundColor);
    const background = await until("the theme's own colour", async () => {
      const found = await colours();
      return backgrounds.has(found) ? null : found;
    });
    backgrounds.add(background);
    await shot(kind);
  }
  expect(backgrounds.size === 4, `the backgrounds are ${[...backgrounds]}`);
}
