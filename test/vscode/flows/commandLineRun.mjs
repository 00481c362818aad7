// A run that the command line starts appears in the tree by itself.
import { join } from "node:path";
import { endTrainer, glad, showViews, until } from "../user.mjs";

export async function flow({ page, workspace }) {
  await showViews(page);
  const home = join(workspace, ".glad");
  const { stdout } = await glad("demo", "prepare", join(home, "demo"), "--output", home);
  const { config } = JSON.parse(stdout);
  await glad("train", config, "--detach", "--json");
  const row = page.locator('.monaco-list-row[aria-label*="demo"]');
  await until("the run in the tree", () => row.count());
  await endTrainer(workspace);
}
