// `npm run test:electron [-- NAME...]`: the mocha suites in a desktop VS Code, that of VSCODE_EXECUTABLE or a downloaded 1.100.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { choose, countsOf, end, runAll } from "./report.mjs";
import { buildSuites, repository, suiteEntry, suiteEnvironment, suiteNames } from "./suites.mjs";

const version = "1.100.3";

const all = suiteNames().map((name) => ({ name, run: (executable) => runSuite(executable, name) }));
const chosen = choose(all, process.argv.slice(2));
const executable = process.env.VSCODE_EXECUTABLE ?? (await download());
await buildSuites();
end("electron", await runAll(chosen, executable));

/** The program of a desktop VS Code, fetched once into the ignored folder .vscode-test. */
async function download() {
  try {
    const cachePath = join(repository, ".vscode-test");
    return await downloadAndUnzipVSCode({ version, cachePath });
  } catch (error) {
    console.error(
      `VS Code ${version} cannot be downloaded (${error.message}); run this on a machine with internet, or name the program of a desktop VS Code in VSCODE_EXECUTABLE`,
    );
    process.exit(1);
  }
}

/** Runs a suite in a fresh workspace and profile. */
async function runSuite(vscodeExecutablePath, name) {
  const home = mkdtempSync(join(tmpdir(), "glad-electron-"));
  const workspace = join(home, "workspace");
  mkdirSync(workspace);
  const folders = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "ext")];
  try {
    return await countsOf(`electron-${name}`, (file) =>
      // A failed suite rejects too, after it wrote its counts.
      runTests({
        vscodeExecutablePath,
        extensionDevelopmentPath: repository,
        extensionTestsPath: suiteEntry,
        extensionTestsEnv: suiteEnvironment(name, file),
        launchArgs: [workspace, ...folders],
      }).catch(() => {}),
    );
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
