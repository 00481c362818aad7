// Three runs in the tree: selected together and compared, renamed by F2, moved to the trash by Delete and brought back by Undo and
// from the palette.
import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  command,
  demoSettings,
  expect,
  glad,
  message,
  offered,
  resultsFrame,
  showViews,
  until,
} from "../user.mjs";

export async function flow({ page, workspace, shot }) {
  const home = join(workspace, ".glad");
  const demo = await demoSettings(home);
  for (const [name, alpha] of [
    ["plain-lora", 0],
    ["glad", 0.5],
    ["sam", 1],
  ]) {
    const config = join(workspace, `${name}.glad.json`);
    const settings = {
      training: { ...demo.training, steps: 12 },
      checkpoints: { every: 6 },
      evaluation: { every: 6 },
      glad: { alpha },
    };
    writeFileSync(config, JSON.stringify({ ...demo, ...settings, name }));
    await glad("train", config, "--json");
  }
  await showViews(page);
  const row = (name) => page.locator(`.monaco-list-row[aria-label*="-${name},"]`);
  for (const name of ["plain-lora", "glad", "sam"]) await row(name).waitFor();

  await row("plain-lora").click();
  await resultsFrame(page, "Finished");
  await row("glad").click({ modifiers: ["Control"] });
  await row("sam").click({ modifiers: ["Control"], button: "left" });
  await row("sam").click({ button: "right" });
  // A menu takes no click in the moment that it opens.
  await page.locator(".context-view .action-item", { hasText: "Compare Runs" }).hover();
  await page.keyboard.press("Enter");
  const frame = await resultsFrame(page, "sam");
  const curves = () => frame.locator("[data-chart=loss] .legend-run").count();
  await until("three curves", async () => (await curves()) === 3);
  await oneIsGone(page, join(home, "runs"), curves);
  await shot("curves");
  await frame.locator("#tab-accuracy").click();
  await until("the best of each row", () => frame.locator(".split-table .best").count());
  await shot("accuracy");
  await frame.locator("#tab-mistakes").click();
  await until("pictures of the mistakes", () => frame.locator(".thumbnail img").count());
  await shot("mistakes");
  await frame.locator("#tab-config").click();
  await until("the difference", () => frame.getByText("glad.alpha").count());

  const runs = join(home, "runs");
  await row("sam").click();
  await page.keyboard.press("F2");
  const input = page.locator(".quick-input-widget input");
  await input.waitFor();
  await input.fill("sharp");
  await page.keyboard.press("Enter");
  await row("sharp").waitFor();

  const restoring = () => offered(page, "GLAD: Restore Deleted Run");
  expect((await restoring()).length === 0, "a run can be restored before one was deleted");
  await row("sharp").click();
  await page.keyboard.press("Delete");
  const undo = await message(page, "moved to the trash");
  await until("the run's end", async () => (await row("sharp").count()) === 0);
  await undo.getByRole("button", { name: "Undo" }).click();
  await row("sharp").waitFor();
  await until("nothing to restore", async () => (await restoring()).length === 0);
  await row("sharp").click();
  await page.keyboard.press("Delete");
  await until("the run's second end", async () => (await row("sharp").count()) === 0);
  await command(page, "GLAD: Restore Deleted Run");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "-sharp" }).click();
  await page.getByRole("treeitem", { name: "-sharp," }).waitFor();
  await until("nothing to restore again", async () => (await restoring()).length === 0);
  const names = readdirSync(runs);
  if (!names.some((name) => name.endsWith("-sharp"))) throw new Error(names.join());
  await row("sharp").click();
  await page.keyboard.press("ArrowRight");
  await until("a checkpoint with its accuracy", () =>
    page.locator('.monaco-list-row[aria-level="2"]', { hasText: "base" }).count(),
  );
  await shot("tree");
  if (!existsSync(join(home, "trash"))) throw new Error("nothing was moved aside");
}

/** One of the compared runs is moved away and comes back: the page says so of it, and shows the others meanwhile. */
async function oneIsGone(page, runs, curves) {
  const name = readdirSync(runs).find((each) => each.endsWith("-plain-lora"));
  const aside = join(runs, "../aside");
  renameSync(join(runs, name), aside);
  const frame = await resultsFrame(page, "deleted or moved away: plain-lora.");
  await until("two curves", async () => (await curves()) === 2);
  renameSync(aside, join(runs, name));
  await until("three curves again", async () => (await curves()) === 3);
  expect((await frame.getByText("Not there any more").count()) === 0, "it is still called gone");
}
