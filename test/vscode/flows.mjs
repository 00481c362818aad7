// What a person does, seen from outside: keys, the workbench's elements and the results page's frame.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "./server.mjs";

const cli = join(repository, "dist/cli.js");
const glad = promisify(execFile);

/** Waits until something is true and gives it; at most a minute. */
async function until(what, look) {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((settle) => setTimeout(settle, 100));
  }
}

/** Shows the extension's views; they are there as soon as its manifest was read. */
async function showViews(page) {
  await page.locator('.activitybar a[aria-label^="GLAD"]').click();
}

/** Runs a command by its title in the palette. */
async function palette(page, title) {
  await showViews(page);
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

/** The frame that the results page is drawn in, once it shows some text. */
function resultsFrame(page, text) {
  return until(`the results with ${text}`, async () => {
    for (const frame of page.frames()) {
      const shown = await frame
        .locator("#page")
        .innerText({ timeout: 200 })
        .catch(() => "");
      if (shown.includes(text)) return frame;
    }
    return null;
  });
}

/** The step that the status bar tells. */
async function statusStep(page) {
  const text = await until("the status bar item", () =>
    page
      .locator("#glad\\.glad\\.glad\\.run")
      .innerText({ timeout: 200 })
      .catch(() => ""),
  );
  return Number(/(\d+)\/\d+/.exec(text)?.[1] ?? 0);
}

function runStatus(workspace) {
  const runs = join(workspace, ".glad/runs");
  const [name] = readdirSync(runs);
  return JSON.parse(readFileSync(join(runs, name, "status.json"), "utf8"));
}

/** A trainer outlives the editor by design; a test does not leave one behind. */
async function endTrainer(workspace) {
  const { pid, state } = runStatus(workspace);
  if (state !== "running" && state !== "paused") return;
  process.kill(pid, "SIGKILL");
  await until("the trainer's end", () => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  });
}

export const flows = [
  {
    name: "demo from the palette, reload in mid-run",
    async flow({ page, workspace }) {
      await palette(page, "GLAD: Try the Demo");
      const frame = await resultsFrame(page, "Running");
      await until("curves", () => frame.locator(".uplot canvas").count());
      await until("some steps", async () => (await statusStep(page)) > 3);
      const before = runStatus(workspace);
      await page.reload();
      const reloaded = Date.now();
      await resultsFrame(page, "Running");
      console.log(`       results after a reload: ${Date.now() - reloaded} ms`);
      const step = await statusStep(page);
      await until("further steps", async () => (await statusStep(page)) > step);
      const after = runStatus(workspace);
      if (after.pid !== before.pid) throw new Error("another trainer runs after the reload");
      await endTrainer(workspace);
      await resultsFrame(page, "interrupted");
    },
  },
  {
    name: "a run of the command line appears",
    async flow({ page, workspace }) {
      await showViews(page);
      const home = join(workspace, ".glad");
      const prepare = ["demo", "prepare", join(home, "demo"), "--output", home];
      const { stdout } = await glad(process.execPath, [cli, ...prepare]);
      const { config } = JSON.parse(stdout);
      await glad(process.execPath, [cli, "train", config, "--detach", "--json"]);
      const row = page.locator('.monaco-list-row[aria-label*="demo"]');
      await until("the run in the tree", () => row.count());
      await endTrainer(workspace);
    },
  },
  {
    name: "an untrusted workspace starts nothing",
    options: { trust: false },
    files: { "glad.json": '{ "data": { "root": "." } }' },
    async flow({ page }) {
      await showViews(page);
      await page.getByText("This workspace is not trusted").waitFor();
      await page.keyboard.press("F1");
      await page.locator(".quick-input-widget input").waitFor();
      await page.keyboard.type("GLAD: Train");
      await until("the palette's answer", () =>
        page.locator(".quick-input-list .monaco-list-row").count(),
      );
      const offered = await page.locator(".quick-input-list .monaco-list-row").allInnerTexts();
      if (offered.some((text) => /GLAD: Train/.test(text)))
        throw new Error(`Train is offered: ${offered.join(" | ")}`);
    },
  },
];
