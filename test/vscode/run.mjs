// `npm run test:vscode [-- NAME...]`: tests in a real VS Code 1.100, one after the other, each with a workspace and a server of its own.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchServer } from "./fetchServer.mjs";
import { missingPrograms, startBrowser } from "./server.mjs";
import { buildSuites, repository } from "./suites.mjs";
import { allTests } from "./tests.mjs";

const total = { passed: 0, failed: 0, skipped: 0 };
const chosen = choose(process.argv.slice(2));
const missing = missingPrograms();
if (missing.length > 0) {
  console.log(`skipped the tests in a real VS Code: this machine has no ${missing.join(", no ")}`);
  total.skipped = chosen.length;
} else {
  fetchServer();
  await buildSuites();
  const browser = await startBrowser();
  for (const test of chosen) await count(test, browser);
  await browser.close();
}
tell();
process.exit(total.failed > 0 ? 1 : 0);

/** The tests of these names, or all. */
function choose(names) {
  const all = allTests();
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined)
    return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  console.error(`no test is named "${unknown}"; there are ${known.join(", ")}`);
  process.exit(2);
}

/** Runs a test, says how it went, and adds to the total. */
async function count({ name, run }, browser) {
  const started = Date.now();
  try {
    const counts = await run(browser);
    for (const key of Object.keys(total)) total[key] += counts[key];
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${counts.failed > 0 ? "FAILED" : "ok    "} ${name} (${seconds} s)`);
  } catch (error) {
    total.failed += 1;
    console.log(`FAILED ${name}: ${error.stack}`);
  }
}

/** Tells the total on the last line, and leaves it for whoever adds up (.ci/run). */
function tell() {
  const file = join(repository, ".tools/results/vscode.json");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(total));
  const { passed, failed, skipped } = total;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}
