// All tests in a real VS Code: every `suite/NAME.test.ts` and every `flows/NAME.mjs`.
import { join } from "node:path";
import { format } from "node:util";
import { countsOf } from "./report.mjs";
import { inSession } from "./session.mjs";
import { namesOf, repository, suiteEntry, suiteEnvironment, suiteNames } from "./suites.mjs";

const flows = join(repository, "test/vscode/flows");

/** Each test's name and how to run it with a browser; running throws where it fails, and gives { passed, failed, skipped }. */
export function allTests() {
  return [
    ...suiteNames().map((name) => ({ name, run: (browser) => runSuite(browser, name) })),
    ...namesOf(flows, ".mjs").map((name) => ({ name, run: (browser) => runFlow(browser, name) })),
  ];
}

/**
 * Runs a flow; what it throws fails it. It exports `flow(session)`, and where needed `prepare(session)`, which comes before the
 * window opens, `files` and `options` (session.mjs).
 */
async function runFlow(browser, name) {
  const { flow, prepare, ...surroundings } = await import(join(flows, `${name}.mjs`));
  await inSession(browser, name, surroundings, async (session) => {
    await prepare?.(session);
    await session.page.goto(session.address());
    await flow(session);
  });
  return { passed: 1, failed: 0, skipped: 0 };
}

/** Runs a mocha suite in the extension host, and counts its tests. */
function runSuite(browser, name) {
  return countsOf(name, async (file) => {
    const options = { environment: suiteEnvironment(name, file) };
    await inSession(browser, name, { options }, async ({ page, address, remote }) => {
      const ended = new Promise((settle) => void page.exposeFunction("codeAutomationExit", settle));
      await page.exposeFunction("codeAutomationLog", (_type, args) => report(format(...args)));
      await page.goto(address([["extensionTestsPath", remote(suiteEntry)]]));
      await ended;
    });
  });
}

/** Prints what mocha says; the workbench's own words are no part of the report. */
function report(text) {
  if (/^(\s*(✔|✓|\d+\)|\d+ (passing|failing)|at |[+-] |\w*Error)| {2})/.test(text))
    console.log(text);
}
