// An untrusted workspace starts nothing: its views say so and list folders alone, and the palette does not offer to train.
import { expect, offered, showViews } from "../user.mjs";

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
  const titles = await offered(page, "GLAD: Train");
  expect(titles.length === 0, `Train is offered: ${titles.join(" | ")}`);
}
