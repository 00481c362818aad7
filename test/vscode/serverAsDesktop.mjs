#!/usr/bin/env node
// A program for VSCODE_EXECUTABLE where no desktop VS Code can be had: takes the command line that @vscode/test-electron gives to one,
// runs the suite in the server's extension host behind a browser, and ends as a desktop does. Only Electron is not there.
import { dirname } from "node:path";
import { format, parseArgs } from "node:util";
import { isReport } from "./report.mjs";
import { startBrowser, startServer } from "./server.mjs";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  options: {
    extensionDevelopmentPath: text,
    extensionTestsPath: text,
    "user-data-dir": text,
    "extensions-dir": text,
  },
  allowPositionals: true,
  strict: false,
});
const [workspace] = positionals;
const browser = await startBrowser();
const server = await startServer(dirname(values["user-data-dir"]));
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
const ended = new Promise((settle) => void page.exposeFunction("codeAutomationExit", settle));
await page.exposeFunction("codeAutomationLog", (_type, args) => {
  const said = format(...args);
  if (isReport(said)) console.log(said);
});
const paths = ["extensionDevelopmentPath", "extensionTestsPath"];
const payload = paths.map((name) => [name, server.remote(values[name])]);
await page.goto(server.address(workspace, [["skipWelcome", "true"], ...payload]));
const code = await ended;
await browser.close();
await server.stop();
process.exit(code);
