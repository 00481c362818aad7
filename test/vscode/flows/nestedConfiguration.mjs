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
  await page.locator(".codelens-decoration a", { hasText: "Train" }).waitFor();
  await shot("nested");
}
