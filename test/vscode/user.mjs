// What a person does and sees: keys, the workbench's elements, the results page's frame, the run's folder.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "./suites.mjs";

/** Runs `glad` with arguments; resolves to { stdout, stderr }. */
export function glad(...args) {
  return promisify(execFile)(process.execPath, [join(repository, "dist/cli.js"), ...args]);
}

/** Waits until something is true and gives it; at most a minute unless said. */
export async function until(what, look, seconds = 60) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((settle) => setTimeout(settle, 100));
  }
}

/** Shows the extension's views; they are there as soon as its manifest was read. */
export async function showViews(page) {
  await page.locator('.activitybar a[aria-label^="GLAD"]').click();
}

/** Shows the extension's views, and runs a command by its title in the palette. */
export async function palette(page, title) {
  await showViews(page);
  await command(page, title);
}

/** Runs a command by its title in the palette, whatever is shown. */
export async function command(page, title) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

/** The frame that the results page is drawn in, once it shows some text. */
export function resultsFrame(page, text, seconds) {
  const look = async () => {
    for (const frame of page.frames()) {
      const shown = await frame
        .locator("#page")
        .innerText({ timeout: 200 })
        .catch(() => "");
      if (shown.includes(text)) return frame;
    }
    return null;
  };
  return until(`the results with ${text}`, look, seconds);
}

/** The step that the status bar tells. */
export async function statusStep(page) {
  const text = await until("the status bar item", () =>
    page
      .locator("#glad\\.glad\\.glad\\.run")
      .innerText({ timeout: 200 })
      .catch(() => ""),
  );
  return Number(/(\d+)\/\d+/.exec(text)?.[1] ?? 0);
}

/** The status.json of the workspace's first run. */
export function runStatus(workspace) {
  const runs = join(workspace, ".glad/runs");
  const [name] = readdirSync(runs);
  return JSON.parse(readFileSync(join(runs, name, "status.json"), "utf8"));
}

/** A trainer outlives the editor by design; a test does not leave one behind. */
export async function endTrainer(workspace) {
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
