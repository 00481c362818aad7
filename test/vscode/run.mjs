// `npm run test:vscode [-- NAME...]`: tests in a real VS Code 1.100, two at a time, each with a workspace and a server of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fetchServer } from "./fetchServer.mjs";
import { choose, end, runAll } from "./report.mjs";
import { missingPrograms, startBrowser } from "./server.mjs";
import { buildSuites } from "./suites.mjs";
import { allTests } from "./tests.mjs";

// The program's settings of the person who runs the tests are neither read nor changed.
const settings = mkdtempSync(join(tmpdir(), "glad-settings-"));
process.env.XDG_CONFIG_HOME = settings;
process.on("exit", () => rmSync(settings, { recursive: true, force: true }));

const chosen = choose(allTests(), process.argv.slice(2));
const missing = missingPrograms();
if (missing.length > 0) {
  console.log(`skipped the tests in a real VS Code: this machine has no ${missing.join(", no ")}`);
  end("vscode", { passed: 0, failed: 0, skipped: chosen.length });
}
fetchServer();
await buildSuites();
const browser = await startBrowser();
// Most of a test's time is waiting.
const total = await runAll(chosen, browser, Math.min(2, availableParallelism()));
await browser.close();
end("vscode", total);
