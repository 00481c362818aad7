// A workspace of two folders: both configurations are offered, and the runs of both are told apart in one tree.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, demoSettings, expect, glad, resultsFrame, showViews, until } from "../user.mjs";

const both = { folders: [{ path: "birds" }, { path: "flowers" }] };
export const files = {
  "two.code-workspace": JSON.stringify(both),
  "birds/glad.json": '{ "data": { "root": "./images" } }\n',
  "flowers/glad.json": '{ "data": { "root": "./images" } }\n',
};

export async function flow({ page, workspace, address, shot }) {
  const demo = await demoSettings(workspace);
  for (const folder of ["birds", "flowers"]) {
    const output = join(workspace, folder, ".glad");
    mkdirSync(output);
    const config = join(workspace, `${folder}.glad.json`);
    const training = { ...demo.training, steps: 0 };
    writeFileSync(config, JSON.stringify({ ...demo, name: "same", training, output }));
    await glad("train", config, "--json");
  }
  // A window that is left while it is still starting takes its server's time from the next one.
  await showViews(page);
  const file = join(workspace, "two.code-workspace");
  const window = address().replace(`folder=${workspace}`, `workspace=${file}`);
  await page.goto(window);
  await showViews(page);
  const rows = page.locator(".monaco-list-row");
  await until("the runs", async () => {
    if (await rows.filter({ hasText: "same" }).count()) return true;
    // This server reads a workspace's file as empty at times when it is its first; its window then has no folder.
    if (!(await page.getByText("Open a folder with images").count())) return false;
    await page.goto(window);
    await showViews(page);
    await page.waitForTimeout(5000);
    return false;
  });
  for (const folder of ["birds", "flowers"])
    await until(`the run of ${folder}`, () =>
      page.locator(".monaco-list-row", { hasText: `${folder} ·` }).count(),
    );
  // The palette offers what can be done when it opens: configurations are found after the runs.
  await until(
    "the configurations",
    async () => (await rows.filter({ hasText: "configured" }).count()) === 2,
  );
  await shot("tree");
  await toldApart(page);
  await command(page, "GLAD: Train with Configuration...");
  const offered = page.locator(".quick-input-list .monaco-list-row");
  for (const name of ["birds/glad.json", "flowers/glad.json"])
    await offered.filter({ hasText: name }).waitFor();
}

/** Runs of one name say in the tree, and beside each other on the page, what tells them apart. */
async function toldApart(page) {
  const rows = page.getByRole("treeitem", { name: "-same," });
  const differ = (texts) =>
    texts.length === 2 && texts[0] !== texts[1] && texts.every((text) => /^same · \S/.test(text));
  const labels = await rows.locator(".label-name").allInnerTexts();
  expect(differ(labels), `the rows are ${labels.join(" and ")}`);
  await rows.first().click();
  await resultsFrame(page, "Finished");
  await rows.last().click({ modifiers: ["Control"] });
  await rows.last().click({ button: "right" });
  // A menu takes no click in the moment that it opens.
  await page.locator(".context-view .action-item", { hasText: "Compare Runs" }).hover();
  await page.keyboard.press("Enter");
  const frame = await resultsFrame(page, "same ·");
  const names = await frame.locator(".run-name").allInnerTexts();
  expect(differ(names), `the runs are ${names.join(" and ")}`);
}
