// The VS Code 1.100 server and Chromium for tests in a real editor. Fetched once, into the ignored folder .tools.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "../..");
const tools = join(repository, ".tools/vscode-server");
const serverFolder = join(tools, "node_modules/code-server/lib/vscode");
const nativeModules = [
  "node-pty",
  "native-watchdog",
  "@parcel/watcher",
  "@vscode/spdlog",
  "@vscode/deviceid",
];
const ready = join(tools, "ready");

/** Where a program of the system lies, or null. */
function find(...names) {
  for (const name of names)
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      continue;
    }
  return null;
}

/** What is missing for these tests on this machine; empty where they can run. */
export function missingPrograms() {
  const needed = { chromium: browserPath(), ripgrep: find("rg") };
  return Object.keys(needed).filter((name) => needed[name] === null);
}

function browserPath() {
  return process.env.CHROMIUM ?? find("chromium", "chromium-browser", "google-chrome");
}

/** Fetches the server without running install scripts, and builds only the native modules that it needs. */
export function fetchServer() {
  if (existsSync(ready)) return;
  console.log("fetching the VS Code server (npm package code-server 4.100.3) ...");
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, "package.json"), '{ "private": true }\n');
  const run = (program, args, cwd) => execFileSync(program, args, { cwd, stdio: "pipe" });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  run("npm", ["install", "--save-exact", "code-server@4.100.3", ...quiet], tools);
  run("npm", ["install", "--omit=dev", ...quiet], serverFolder);
  const globalModules = execFileSync("npm", ["root", "-g"], { encoding: "utf8" }).trim();
  const gyp = join(globalModules, "npm/node_modules/node-gyp/bin/node-gyp.js");
  // Where the headers of this Node lie on the machine, none are downloaded.
  const headers = existsSync("/usr/include/node/node.h") ? ["--nodedir=/usr"] : [];
  for (const name of nativeModules)
    run(process.execPath, [gyp, "rebuild", ...headers], join(serverFolder, "node_modules", name));
  const bin = join(serverFolder, "node_modules/@vscode/ripgrep/bin");
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, "rg"))) symlinkSync(find("rg"), join(bin, "rg"));
  writeFileSync(ready, "");
}

/** A server on a free port with its data below `home`. `trust` false keeps workspaces untrusted. */
export async function startServer(home, { trust = true, environment = {} } = {}) {
  const args = [
    "out/server-main.js",
    ...["--host", "127.0.0.1", "--port", "0"],
    "--without-connection-token",
    "--accept-server-license-terms",
    "--enable-smoke-test-driver",
    ...["--server-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")],
    ...(trust ? ["--disable-workspace-trust"] : []),
  ];
  const child = spawn(process.execPath, args, {
    cwd: serverFolder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const port = await new Promise((settle, reject) => {
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
  return {
    port,
    address: (folder, payload) =>
      `http://localhost:${port}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    remote: (path) => `vscode-remote://localhost:${port}${path}`,
    stop: () => child.kill(),
  };
}

/** A browser without a network and without a window. */
export function startBrowser() {
  return chromium.launch({
    executablePath: browserPath(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
}
