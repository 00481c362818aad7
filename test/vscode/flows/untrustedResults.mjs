// An untrusted workspace shows the results of its runs, and offers nothing that would change or start one; nor does it once trust was
// taken back from it, on a page that was opened before.
import { cpSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  command,
  demoSettings,
  expect,
  offered,
  openResults,
  prepareDemo,
  reloadWindow,
  resultsIn,
  trained,
  until,
  untilDrawn,
} from "../user.mjs";

export const options = { trust: false };

const settings = { training: { steps: 6, augment: false }, evaluation: { every: 3 } };

export async function prepare({ workspace }) {
  await trained(await prepareDemo(workspace, settings));
  const { root } = (await demoSettings(workspace)).data;
  const [first] = readdirSync(root, { recursive: true }).filter((file) => /\.png$/.test(file));
  cpSync(dirname(join(root, first)), join(workspace, "unsorted"), { recursive: true });
}

export async function flow({ page, shot }) {
  await openResults(page);
  const frame = await resultsIn(page, "finished");
  await untilDrawn(frame);
  await frame.getByText("This workspace is not trusted").waitFor();
  const actions = await frame.locator(".run-header .actions vscode-button:visible").count();
  expect(actions === 0, `${actions} buttons are offered`);
  await shot("results");
  await classifyAgain(page, shot);
}

/** Images are classified in a trusted workspace; without trust the page says so, and does not offer to do it again. */
async function classifyAgain(page, shot) {
  const classify = () => offered(page, "GLAD: Classify Images");
  expect((await classify()).length === 0, "images can be classified without trust");
  await trust(page, true);
  await until("a way to classify images", async () => (await classify()).length === 1);
  await page.locator('.activitybar a[aria-label^="Explorer"]').click();
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "unsorted" }).click({
    button: "right",
  });
  // A menu takes no click in the moment that it opens.
  await page.locator(".context-view .action-item", { hasText: "Classify Images" }).hover();
  await page.keyboard.press("Enter");
  // The last one is the first, which a return takes.
  await page.getByText("Classify images by which checkpoint?").waitFor();
  await page.keyboard.press("Enter");
  const again = (frame) => frame.getByRole("button", { name: "Classify Again" });
  await until("the classes", () => frameWhere(page, (frame) => again(frame).isVisible()));

  await trust(page, false);
  await reloadWindow(page);
  await page.locator(".tab", { hasText: "Classified by" }).click();
  const distrusted = await until("the page without trust", () =>
    frameWhere(page, (frame) => frame.getByText("nothing is started to look").isVisible()),
  );
  await shot("classified");
  expect((await again(distrusted).count()) === 0, "it is offered without trust");
}

/** Grants trust in the workspace, or takes it back, on the editor's own page. */
async function trust(page, isTrusted) {
  await command(page, "Workspaces: Manage Workspace Trust");
  const editor = page.locator(".workspace-trust-editor");
  if (isTrusted) {
    await editor.locator(".monaco-button").getByText("Trust", { exact: true }).click();
    return;
  }
  const row = editor.locator(".monaco-list-row", { hasText: "/workspace" });
  await row.hover();
  await row.getByRole("button", { name: "Delete" }).click();
}

/** The first frame of which something holds. */
async function frameWhere(page, holds) {
  for (const frame of page.frames()) if (await holds(frame).catch(() => false)) return frame;
  return null;
}
