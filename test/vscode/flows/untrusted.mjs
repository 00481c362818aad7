// An untrusted workspace starts nothing: its views say so and list folders alone, and the palette does not offer to train.
import { showViews, until } from "../user.mjs";

export const options = { trust: false };

export const files = {
  "glad.json": '{ "data": { "root": "." } }',
  "photos/ant/1.jpg": "",
  "photos/bee/1.jpg": "",
};

export async function flow({ page }) {
  await showViews(page);
  await page.getByText("Results of runs can be looked at").waitFor();
  await page.locator(".label-name", { hasText: /^photos$/ }).waitFor();
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.type("GLAD: Train");
  await until("the palette's answer", () =>
    page.locator(".quick-input-list .monaco-list-row").count(),
  );
  const offered = await page.locator(".quick-input-list .monaco-list-row").allInnerTexts();
  if (offered.some((text) => /GLAD: Train/.test(text)))
    throw new Error(`Train is offered: ${offered.join(" | ")}`);
}
