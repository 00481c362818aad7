// `npm run test:vscode`: the mocha suite inside a real VS Code 1.100, then flows as a person makes them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import { build } from "esbuild";
import { flows } from "./flows.mjs";
import { fetchServer, missingPrograms, repository, startBrowser, startServer } from "./server.mjs";

const shots = join(repository, ".tools/screenshots");
/** The configuration that the suite's workspace begins with: wrong in two places. */
const broken =
  '{\n  // images\n  "modle": "x",\n  "data": { "root": "./images", "shots": -1 }\n}\n';

const missing = missingPrograms();
if (missing.length > 0) {
  console.log(`skipped the tests in a real VS Code: ${missing.join(" and ")} missing`);
  process.exit(0);
}

await build({
  entryPoints: ["index.ts", "extension.test.ts"].map((file) =>
    join(repository, "test/vscode/suite", file),
  ),
  outdir: join(repository, "dist/vscodeSuite"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode", "mocha"],
  logLevel: "warning",
});
fetchServer();
mkdirSync(shots, { recursive: true });
const browser = await startBrowser();
const failures = [];
try {
  await inWorkspace("suite", { "glad.json": broken }, {}, suite);
  for (const { name, files = {}, options = {}, flow } of flows)
    await inWorkspace(name, files, options, async (context) => {
      await context.page.goto(context.address([]));
      await flow(context);
    });
} finally {
  await browser.close();
}
if (failures.length > 0) console.log(`failed: ${failures.join(", ")}`);
process.exit(failures.length > 0 ? 1 : 0);

/** Does something with a page on a fresh workspace and server; everything is removed afterwards. */
async function inWorkspace(name, files, options, work) {
  const home = mkdtempSync(join(tmpdir(), "glad-vscode-"));
  const workspace = join(home, "workspace");
  mkdirSync(workspace);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(workspace, file), text);
  const server = await startServer(home, options);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const development = ["extensionDevelopmentPath", server.remote(repository)];
  const address = (payload) =>
    server.address(workspace, [development, ["skipWelcome", "true"], ...payload]);
  const started = Date.now();
  try {
    await work({ page, workspace, address, remote: server.remote });
    console.log(`ok     ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failures.push(name);
    console.log(`FAILED ${name}: ${error.stack}`);
  } finally {
    await page.screenshot({ path: join(shots, `${name.replaceAll(" ", "-")}.png`) });
    await page.close();
    server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs the mocha suite in the extension host. */
async function suite({ page, address, remote }) {
  const ended = new Promise((settle) => {
    void page.exposeFunction("codeAutomationExit", (code) => settle(code));
  });
  await page.exposeFunction("codeAutomationLog", (_type, args) => {
    const text = format(...args);
    // The workbench's own words are no part of the report.
    if (/^(\s*(✔|✓|\d+\)|\d+ (passing|failing)|at |[+-] |\w*Error)| {2})/.test(text))
      console.log(text);
  });
  await page.goto(
    address([["extensionTestsPath", remote(join(repository, "dist/vscodeSuite/index.js"))]]),
  );
  const late = new Promise((settle) => setTimeout(() => settle("no end"), 240_000));
  const code = await Promise.race([ended, late]);
  if (code !== 0) throw new Error(`the suite ended with ${code}`);
}
