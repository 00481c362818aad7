// The first minute: an empty folder, the welcome view, its link to the demo, curves.
import { endTrainer, resultsIn, showViews, statusStep, until, untilDrawn } from "../user.mjs";

export async function flow({ page, workspace, shot }) {
  await showViews(page);
  const link = page.locator(".welcome-view-content a", { hasText: "Try the Demo" });
  await link.waitFor();
  await shot("welcome");
  await link.click();
  const frame = await resultsIn(page, "running");
  await untilDrawn(frame);
  await until("steps in the status bar", async () => (await statusStep(page)) > 3);
  await endTrainer(workspace);
}
