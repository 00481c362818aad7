// The parts of a real editor: the VS Code server and a browser.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { find, missingForServer, serverFolder, serverNode } from "./fetchServer.mjs";
import { repository } from "./suites.mjs";

const browserPath =
  process.env.CHROMIUM ?? find("chromium", "chromium-browser", "google-chrome", "chrome");

/** What is missing for these tests on this machine; empty where they can run. */
export function missingPrograms() {
  const browser = browserPath !== null && existsSync(browserPath);
  return [...(browser ? [] : ["Chromium"]), ...missingForServer()];
}

/** A browser without a network and without a window. */
export function startBrowser() {
  return chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
}

/** A server on a free port with its data below `home`. `trust` false keeps workspaces untrusted. */
export async function startServer(home, { trust = true, environment = {} } = {}) {
  const args = [
    "out/server-main.js",
    ...["--host", "127.0.0.1", "--port", "0"],
    "--without-connection-token",
    "--accept-server-license-terms",
    "--enable-smoke-test-driver",
    ...folders(home),
    ...(trust ? ["--disable-workspace-trust"] : []),
  ];
  writeSettings(home);
  const child = spawn(serverNode(), args, {
    cwd: serverFolder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const port = await portOf(child);
  return {
    address: (folder, payload) =>
      `http://localhost:${port}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    remote: (path) => `vscode-remote://localhost:${port}${path}`,
    /** Settles when the server is gone, and writes no more. */
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}

/** Makes the extension's package and installs it into the server's folder below `home`, as `code --install-extension` does. */
export async function installPackage(home) {
  const run = promisify(execFile);
  await run(process.execPath, ["packaging/package.mjs", "--out", home], { cwd: repository });
  const vsix = join(
    home,
    readdirSync(home).find((file) => file.endsWith(".vsix")),
  );
  const args = ["out/server-main.js", ...folders(home), "--install-extension", vsix];
  const { stdout } = await run(serverNode(), args, { cwd: serverFolder });
  if (!/successfully installed/.test(stdout)) throw new Error(`${vsix}: ${stdout}`);
}

function folders(home) {
  return ["--server-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
}

/** Later editors show a chat beside everything, and some of their own pages over everything; 1.100 knows neither setting. */
function writeSettings(home) {
  const folder = join(home, "data/data/Machine");
  const settings = {
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.editor.useModal": "off",
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
}

/** The port that a starting server listens on; an error with its words where it ends instead. */
function portOf(child) {
  return new Promise((settle, reject) => {
    let said = "";
    const hear = (chunk) => {
      said += chunk;
      const found = /listening on (\d+)/.exec(said);
      if (found) settle(Number(found[1]));
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", () => reject(new Error(`the server ended: ${said}`)));
  });
}
