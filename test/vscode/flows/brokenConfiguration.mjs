// A broken glad.json: marks in the text, a quick fix, and Train refuses with one clear sentence.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, message, palette, until } from "../user.mjs";

export const files = {
  "glad.json": '{\n  "modle": "x",\n  "data": { "root": "./images", "shots": -1 }\n}\n',
};

export async function flow({ page, workspace, shot }) {
  await page
    .locator(".explorer-folders-view .monaco-list-row", { hasText: "glad.json" })
    .dblclick();
  const marks = page.locator(".monaco-editor .squiggly-error");
  await until("two marks", async () => (await marks.count()) >= 2);
  await shot("marks");

  await page.locator(".monaco-editor .view-line span span", { hasText: "modle" }).first().click();
  const fix = page.locator(".action-widget .monaco-list-row", { hasText: 'Change to "model"' });
  await until("the quick fix", async () => {
    await page.keyboard.press("Control+.");
    return fix.waitFor({ timeout: 5000 }).then(
      () => true,
      () => page.keyboard.press("Escape"),
    );
  });
  while (!/focused/.test(await fix.getAttribute("class"))) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+s");
  await until("the mended file", () =>
    readFileSync(join(workspace, "glad.json"), "utf8").includes('"model"'),
  );

  await palette(page, "GLAD: Train");
  const said = await message(page, "glad.json");
  const text = await said.locator(".notification-list-item-message").innerText();
  expect(/shots/.test(text) && /-1/.test(text), `the message is: ${text}`);
  expect(text.trim().split("\n").length === 1, `more than a sentence: ${text}`);
  await shot("refused");
  expect(!existsSync(join(workspace, ".glad/runs")), "a run was made");
}
