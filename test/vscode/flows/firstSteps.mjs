// A first start: each empty state offers the next action, and the walkthrough's steps are done when what they ask for is.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, endTrainer, expect, offered, resultsFrame, showViews, until } from "../user.mjs";

export async function flow({ page, workspace, shot }) {
  await showViews(page);
  await page.getByText("A configuration says which CLIP").waitFor();
  await shot("no-configuration");
  await experimentsAreOffered(page, workspace);

  await command(page, "Welcome: Open Walkthrough...");
  await page.keyboard.type("Get Started with GLAD");
  await page.keyboard.press("Enter");
  const isDone = (step) =>
    page.locator(`[data-done-step-id$="#${step}"][aria-checked="true"]`).count();
  await page.locator('[data-done-step-id$="#compare"]').first().waitFor();
  for (const step of ["check", "demo", "configure", "train", "compare"])
    if (await isDone(step)) throw new Error(`${step} is done before anything was done`);
  await shot("walkthrough");

  // Beside the walkthrough, as a person who follows it.
  mkdirSync(join(workspace, "images"));
  writeFileSync(join(workspace, "glad.json"), '{ "data": { "root": "./images" } }\n');
  await until("the step of the configuration", () => isDone("configure"));
  await page.getByText("There is no run yet").waitFor();
  await shot("no-run");

  const started = Date.now();
  await command(page, "GLAD: Try the Demo");
  const frame = await resultsFrame(page, "Running");
  await until("a curve", () => frame.locator("[data-chart=loss] .uplot canvas").count());
  const seconds = (Date.now() - started) / 1000;
  console.log(`       from the demo's command to its first curve: ${seconds.toFixed(1)} s`);
  if (seconds > 60) throw new Error("the demo's first curve took more than a minute");
  await until("the run in the tree", () =>
    page.locator('.monaco-list-row[aria-label*="demo"]').count(),
  );
  await until("the status bar item", () => page.locator("#glad\\.glad\\.glad\\.run").count());
  await shot("demo");
  await endTrainer(workspace);

  await command(page, "Welcome: Open Walkthrough...");
  await page.keyboard.type("Get Started with GLAD");
  await page.keyboard.press("Enter");
  await until("the step of the demo", () => isDone("demo"));
  if (await isDone("train")) throw new Error("the demo is no training of one's own");
}

/** An experiment can be written at any time, and run while there is one. */
async function experimentsAreOffered(page, workspace) {
  const runs = async () => (await offered(page, "GLAD: Run Experiment")).length;
  expect((await offered(page, "GLAD: New Experiment")).length === 1, "no experiment can be made");
  expect((await runs()) === 0, "an experiment can be run before there is one");
  const file = join(workspace, "later.experiment.json");
  writeFileSync(file, "{}");
  await until("the experiment to run", async () => (await runs()) === 1);
  rmSync(file);
  await until("no experiment to run", async () => (await runs()) === 0);
}
