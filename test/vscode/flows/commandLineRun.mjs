// A run that the command line starts appears by itself, in a window that knew of no run and no folder of runs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { endTrainer, expect, glad, prepareDemo, showViews, statusStep, until } from "../user.mjs";

export async function flow({ page, workspace }) {
  await showViews(page);
  await page.locator(".welcome-view-content a", { hasText: "Try the Demo" }).waitFor();
  expect(!existsSync(join(workspace, ".glad")), "there is a folder of runs already");
  const config = await prepareDemo(workspace, { training: { steps: 5000, augment: false } });
  await glad("train", config, "--detach", "--json");
  await page.locator('.monaco-list-row[aria-label*="demo"][aria-label*="running"]').waitFor();
  const step = await statusStep(page);
  await until("its steps", async () => (await statusStep(page)) > step);
  await endTrainer(workspace);
}
