// An experiment from the palette: its table and bars live, its runs below it in the tree, and all of it again after a reload.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, demoSettings, reloadWindow, resultsFrame, showViews, until } from "../user.mjs";

/** An experiment on the demo's drawn world. */
export async function prepare({ workspace }) {
  const { model, data } = await demoSettings(workspace);
  const experiment = {
    name: "halves",
    protocol: "base-to-novel",
    datasets: [{ name: "photos", root: data.root }],
    seeds: [1, 2],
    shots: [4],
    methods: ["zero-shot", "lora", "glad"],
    config: { model, device: "cpu", threads: 1, training: { steps: 20, batchSize: 8 } },
  };
  writeFileSync(join(workspace, "halves.experiment.json"), JSON.stringify(experiment, null, 2));
}

export async function flow({ page, shot }) {
  const row = (text) => page.locator(".monaco-list-row", { hasText: text }).first();
  await showViews(page);
  await until("the experiment in the tree", () => row("halves").count());
  await command(page, "GLAD: Run Experiment");
  const frame = await resultsFrame(page, "Progress");
  await until("a finished run", async () =>
    /[1-9] of 5/.test(await frame.locator(".facts").innerText()),
  );
  const cell = page.locator('.monaco-list-row[aria-label^="GLAD,"]');
  await until("the cells in the tree", () => cell.count());
  await shot("at-work");
  await until("the end", async () => /Finished/.test(await frame.locator(".state").innerText()));
  await until(
    "all numbers",
    async () => (await frame.locator(".experiment-table").innerText()).split("±").length > 6,
  );
  // Rows no longer move away under a click.
  await cell.locator(".monaco-tl-twistie").click();
  await until("a run below its cell", () => row("seed 1").count());
  await shot("finished");
  await reloadWindow(page);
  const again = await resultsFrame(page, "Finished");
  await until("the table after a reload", () => again.locator(".experiment-table").count());
  await command(page, "View: Close All Editors");
  await until("no page", async () => (await page.locator("iframe.webview").count()) === 0);
  await row("halves").click();
  await resultsFrame(page, "Finished");
}
