// What a person does and sees: keys, the workbench's elements, the results page's frame, the run's folder.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { showsToasts } from "./fetchServer.mjs";
import { repository } from "./suites.mjs";

/** Runs `glad` with arguments; resolves to { stdout, stderr }. */
export function glad(...args) {
  return promisify(execFile)(process.execPath, [join(repository, "dist/cli.js"), ...args]);
}

/** Waits until something is true and gives it; at most two minutes unless said. */
export async function until(what, look, seconds = 120) {
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

/** Runs a command by its title in the palette, whatever is shown. A window that is still starting may close the palette again. */
export async function command(page, title) {
  const offered = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
  await until(`${title} in the palette`, async () => {
    await page.keyboard.press("F1");
    try {
      await page.locator(".quick-input-widget input").waitFor({ timeout: 5000 });
      await page.keyboard.type(title);
      await offered.click({ timeout: 5000 });
      return true;
    } catch {
      await page.keyboard.press("Escape");
      return false;
    }
  });
}

/** The titles that the palette offers for some words. It says so where there is none. */
export async function offered(page, words) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.type(words);
  const rows = page.locator(".quick-input-list .monaco-list-row");
  await until("the palette's answer", () => rows.count());
  const titles = await rows.allInnerTexts();
  await page.keyboard.press("Escape");
  return titles.filter((title) => title.includes(words));
}

/** The message of the editor with some words, once it is shown. */
export async function message(page, words) {
  const said = page.locator(".notification-list-item", { hasText: words });
  await until(`the message with ${words}`, async () => {
    if (await said.isVisible()) return true;
    if (!showsToasts) await command(page, "Notifications: Show Notifications");
    return false;
  });
  return said;
}

/** Reloads the window as a person does: the editor first saves what is open in it, which a browser's own reload may cut short. */
export async function reloadWindow(page) {
  const loaded = page.waitForEvent("load");
  await command(page, "Developer: Reload Window");
  await loaded;
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

/** The frame of the results page once its header tells a state ("running", ...). */
export function resultsIn(page, state) {
  return until(`results of a run that is ${state}`, async () => {
    for (const frame of page.frames()) {
      const header = frame.locator(`.run-header[data-state="${state}"]`);
      if (await header.isVisible().catch(() => false)) return frame;
    }
    return null;
  });
}

/** Presses a button of the results page. */
export async function press(frame, label) {
  await frame.locator("vscode-button:visible", { hasText: label }).first().click();
}

/** The pixels of each visible chart that its curves have coloured: { loss: 1234, ... }. Axes and texts are grey. */
export function drawnPixels(frame) {
  return frame.evaluate(() => {
    const charts = [...document.querySelectorAll(".chart:not([hidden])")];
    const drawn = charts.map((chart) => {
      const canvas = chart.querySelector("canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let coloured = 0;
      for (let i = 0; i < data.length; i += 4) {
        const rgb = [data[i], data[i + 1], data[i + 2]];
        if (data[i + 3] > 40 && Math.max(...rgb) - Math.min(...rgb) > 40) coloured++;
      }
      return [chart.dataset.chart, coloured];
    });
    return Object.fromEntries(drawn);
  });
}

/** Waits until the loss has been drawn. */
export function untilDrawn(frame) {
  return until("curves in colour", async () => (await drawnPixels(frame)).loss > 50);
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

/** The settings of the demo, whose pictures are drawn once for all tests; its runs come below `output`. */
export async function demoSettings(output) {
  const drawn = join(repository, ".tools/demo");
  const { stdout } = await glad("demo", "prepare", drawn, "--output", output);
  const settings = readFileSync(JSON.parse(stdout).config, "utf8").replace(/^\/\/.*\n/, "");
  // Another test may have had them written for its own runs since.
  return { ...JSON.parse(settings), output };
}

/** Writes the demo's configuration into the workspace; some of its settings may be others. */
export async function prepareDemo(workspace, settings = {}) {
  const demo = await demoSettings(join(workspace, ".glad"));
  const file = join(workspace, "glad.json");
  writeFileSync(file, JSON.stringify({ ...demo, ...settings }, null, 2));
  return file;
}

/** Starts a training of the demo that goes on for as long as a flow takes; gives the results' frame. */
export async function startTraining({ page, workspace }) {
  await prepareDemo(workspace, { training: { steps: 5000, augment: false } });
  await palette(page, "GLAD: Train");
  return resultsIn(page, "running");
}

/** Trains a configuration to its end by the command line. */
export async function trained(config) {
  await glad("train", config);
}

/** The files of the workspace's only run. */
export function runFile(workspace, name) {
  const runs = join(workspace, ".glad/runs");
  const found = existsSync(runs) ? readdirSync(runs) : [];
  if (found.length !== 1) throw new Error(`expected one run, found ${found.length}`);
  return join(runs, found[0], name);
}

/** The events of the workspace's only run. */
export function runEvents(workspace) {
  const lines = readFileSync(runFile(workspace, "events.jsonl"), "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** Fails a flow where something is not as it should be. */
export function expect(holds, what) {
  if (!holds) throw new Error(what);
}

/** Chooses a colour theme for the workspace. */
export function chooseTheme(workspace, theme) {
  mkdirSync(join(workspace, ".vscode"), { recursive: true });
  const settings = { "workbench.colorTheme": theme, "window.autoDetectHighContrast": false };
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify(settings));
}

/** What the extension hosts wrote into their logs that tells of an error of ours. */
export function hostErrors(home) {
  const logs = join(home, "data/data/logs");
  const files = existsSync(logs) ? readdirSync(logs, { recursive: true }) : [];
  return files
    .filter((file) => /(remoteexthost|exthost)\.log$/.test(file))
    .flatMap((file) => readFileSync(join(logs, file), "utf8").split("\n"))
    .filter((line) => /\[error\]/.test(line) && /glad/i.test(line));
}

/** What the last extension host wrote into the channel "GLAD". */
export function channel(home) {
  const logs = join(home, "data/data/logs");
  const files = readdirSync(logs, { recursive: true }).filter((file) => /GLAD\.log$/.test(file));
  const last = files
    .sort((a, b) => statSync(join(logs, a)).ctimeMs - statSync(join(logs, b)).ctimeMs)
    .at(-1);
  return last === undefined ? "" : readFileSync(join(logs, last), "utf8");
}

/** Opens the results of a run by its row in the tree. */
export async function openResults(page, name = "demo") {
  await showViews(page);
  await openByRow(page, page.locator(`.monaco-list-row[aria-label*="-${name}"]`), name);
}

/** Opens the page of a row in the tree by a click on it, or by another `press`. A click while the tree draws itself anew is lost. */
export async function openByRow(page, row, name, press = () => row.click()) {
  await until(`the page of ${name}`, async () => {
    await press();
    const tab = page.locator(".tab", { hasText: name });
    return tab.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  });
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
