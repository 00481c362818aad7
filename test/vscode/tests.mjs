// All tests in a real VS Code: every `suite/NAME.test.ts` and every `flows/NAME.mjs`.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { format, promisify } from "node:util";
import { countsOf, isReport } from "./report.mjs";
import { inSession } from "./session.mjs";
import { namesOf, repository, suiteEntry, suiteEnvironment, suiteNames } from "./suites.mjs";

const flows = join(repository, "test/vscode/flows");

/** These measure time: nothing else may be at work meanwhile. */
const measuring = ["installedPackage", "lag", "lagByPolling", "numbers"];

/** Trainers that hang are waited for, which takes two minutes and little of a processor. */
const waiting = ["supervision"];

/** A suite by the runner for a desktop VS Code, which bundles all of them anew: nothing may read them meanwhile. */
const desktop = "desktopRunner";

/** Each test's name, how to run it with a browser, and beside which others (`runAll`). */
export function allTests() {
  const test = (name, run) => ({
    name,
    run: (browser) => run(browser, name),
    alone: name === desktop || measuring.includes(name),
    waits: waiting.includes(name),
  });
  return [
    ...suiteNames().map((name) => test(name, runSuite)),
    ...namesOf(flows, ".mjs").map((name) => test(name, runFlow)),
    test(desktop, runByElectronRunner),
  ];
}

/** `npm run test:electron -- datasets`, with the server in the place of a desktop VS Code. */
async function runByElectronRunner() {
  const program = join(repository, "test/vscode/serverAsDesktop.mjs");
  const options = { cwd: repository, env: { ...process.env, VSCODE_EXECUTABLE: program } };
  const args = ["test/vscode/electron.mjs", "datasets"];
  // A failed one rejects with what it said.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch((e) => e);
  const said = /^test:electron: (\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(stdout);
  if (!said) throw new Error(stdout);
  const [passed, failed, skipped] = said.slice(1).map(Number);
  return { passed, failed, skipped };
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

/** Runs a mocha suite in the extension host, tells what mocha said at its end, and counts its tests. */
function runSuite(browser, name) {
  return countsOf(name, async (file) => {
    const options = { environment: suiteEnvironment(name, file) };
    const said = [];
    await inSession(browser, name, { options }, async ({ page, address, remote }) => {
      const ended = new Promise((settle) => void page.exposeFunction("codeAutomationExit", settle));
      await page.exposeFunction("codeAutomationLog", (_type, args) => said.push(format(...args)));
      await page.goto(address([["extensionTestsPath", remote(suiteEntry)]]));
      await ended;
    }).finally(() => said.filter(isReport).forEach((line) => console.log(line)));
  });
}
