// A configuration in a sub-folder of a workspace that nothing else tells of GLAD is checked and has its lenses once it is opened.
import { expect, until } from "../user.mjs";

export const files = {
  "sub/mine.glad.json": '{\n  "modle": "x"\n}\n',
};

export async function flow({ page, shot }) {
  const row = (text) => page.locator(".explorer-folders-view .monaco-list-row", { hasText: text });
  await row("sub").click();
  await row("mine.glad.json").dblclick();
  const marks = page.locator(".monaco-editor .squiggly-error");
  await until("the mark", async () => (await marks.count()) > 0);
  expect((await marks.count()) === 1, "one fault has several marks");
  const lens = (text) => page.locator(".codelens-decoration a", { hasText: text });
  // What would be refused cannot be started; the lens leads to the mark.
  await lens("1 problem to mend").click();
  await page.locator(".marker-widget", { hasText: '"modle" is not a setting' }).waitFor();
  expect((await lens("Train").count()) === 0, "a broken configuration is to be trained");
  await shot("nested");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  // The editor puts in the other one.
  await page.keyboard.type("{");
  await lens("Train").waitFor();
}
