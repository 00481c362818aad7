// The demo is started from the palette; a reload of the window in mid-run finds it going on, curves complete.
import { endTrainer, palette, resultsFrame, runStatus, statusStep, until } from "../user.mjs";

export async function flow({ page, workspace }) {
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
}
