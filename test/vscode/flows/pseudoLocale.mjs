// In a language of brackets and accents nothing that the extension says stays English: views, palette, results page.
import { endTrainer, resultsFrame, until } from "../user.mjs";

export async function flow({ page, workspace, shot }) {
  await page.addInitScript(() => (globalThis._VSCODE_NLS_LANGUAGE = "qps-ploc"));
  await page.reload();
  const views = page.locator('.activitybar a[aria-label*="GLÁD"]');
  await views.click();
  await page.getByText("Á çóñfígúrátíóñ sáys").waitFor();
  await page.getByRole("button", { name: "Try thé Démó" }).click();
  const frame = await resultsFrame(page, "Rúññíñg");
  await until("curves", () => frame.locator(".uplot canvas").count());
  const spoken = "vscode-button, vscode-checkbox, vscode-panel-tab, h2, dt, label, .marks-key li";
  const english = (await frame.locator(spoken).allTextContents()).filter(
    (text) => /[a-z]{3}/i.test(text) && !text.trim().startsWith("["),
  );
  if (english.length > 0) throw new Error(`English: ${english.join(" | ")}`);
  await shot("results");
  const row = page.locator('.monaco-list-row[aria-label*="demo"]');
  await until("the run in the tree", () => row.count());
  await until("the run's state in the tree", async () =>
    /\[rúññíñg/.test(await row.first().getAttribute("aria-label")),
  );
  await endTrainer(workspace);
}
