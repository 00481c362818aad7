// The VS Code server, fetched once into the ignored folder .tools: npm's code-server carries it. Release 4.100.3 is VS Code 1.100, the
// oldest that the manifest admits. CODE_SERVER names another, as 4.139.1 for VS Code 1.139; one that wants a newer Node gets it from npm.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { repository } from "./suites.mjs";

const oldest = "4.100.3";
const release = process.env.CODE_SERVER ?? oldest;
const tools = join(repository, ".tools/code-server", release);
const ready = join(tools, "ready");
/** Those of any release. */
const nativeModules = [
  "node-pty",
  "native-watchdog",
  "@vscode/native-watchdog",
  "@parcel/watcher",
  "@vscode/spdlog",
  "@vscode/deviceid",
];

/** The folder of the VS Code server. */
export const serverFolder = join(tools, "node_modules/code-server/lib/vscode");

/** The Node.js that the server runs on; known once it was fetched. */
export function serverNode() {
  const fetched = join(tools, "node_modules", nodePackage, "bin/node");
  return existsSync(fetched) ? fetched : process.execPath;
}

const nodePackage = `node-${process.platform}-${process.arch}`;

/** Whether messages come up by themselves: later editors keep them in their list while a test drives them. */
export const showsToasts = release === oldest;

/** Where a program of the system lies, or null. */
export function find(...names) {
  for (const name of names)
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      continue;
    }
  return null;
}

/** What fetching and building would need and this machine lacks; nothing once the server is there. */
export function missingForServer() {
  if (existsSync(ready)) return [];
  const needed = {
    ripgrep: find("rg"),
    "python3 (for node-gyp)": find("python3"),
    "make (for node-gyp)": find("make"),
    "C++ compiler (for node-gyp)": find("g++", "clang++", "c++"),
    "npm's node-gyp": nodeGyp(),
  };
  return Object.keys(needed).filter((name) => needed[name] === null);
}

/** Fetches the server without running install scripts, and builds only the native modules that it needs. */
export function fetchServer() {
  if (existsSync(ready)) return;
  console.log(`fetching the VS Code server (npm package code-server ${release}) ...`);
  const started = Date.now();
  rmSync(tools, { recursive: true, force: true });
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, "package.json"), '{ "private": true }\n');
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  run("npm", ["install", "--save-exact", `code-server@${release}`, ...quiet], tools);
  const { node } = JSON.parse(readFileSync(join(serverFolder, "../../package.json"))).engines;
  if (Number(node) > Number.parseInt(process.versions.node))
    run("npm", ["install", `${nodePackage}@${node}`, ...quiet], tools);
  run("npm", ["install", "--omit=dev", ...quiet], serverFolder);
  // They keep to Node-API: built for one Node.js, they run on a later one.
  const arguments_ = [nodeGyp(), "rebuild", ...localHeaders()];
  for (const name of nativeModules) {
    const folder = join(serverFolder, "node_modules", name);
    if (existsSync(folder)) run(process.execPath, arguments_, folder);
  }
  const ripgrep = join(serverFolder, "node_modules/@vscode/ripgrep");
  if (existsSync(ripgrep)) {
    mkdirSync(join(ripgrep, "bin"), { recursive: true });
    symlinkSync(find("rg"), join(ripgrep, "bin/rg"));
  }
  writeFileSync(ready, "");
  console.log(`fetched in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/** Runs a program and, where it fails, tells what it said last. */
function run(program, arguments_, cwd) {
  try {
    execFileSync(program, arguments_, { cwd, stdio: "pipe" });
  } catch (error) {
    const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim().split("\n").slice(-12);
    throw new Error(
      `the VS Code server cannot be set up: "${program} ${arguments_.join(" ")}" in ${cwd} failed:\n${said.join("\n")}`,
      { cause: error },
    );
  }
}

/** npm brings node-gyp along. */
function nodeGyp() {
  const globalModules = execFileSync("npm", ["root", "-g"], { encoding: "utf8" }).trim();
  const script = join(globalModules, "npm/node_modules/node-gyp/bin/node-gyp.js");
  return existsSync(script) ? script : null;
}

/** Where the headers of this Node lie beside it, none are downloaded. */
function localHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include/node/node.h")) ? [`--nodedir=${prefix}`] : [];
}

// As a program (.ci/run): the server is there when the tests want it.
if (process.argv[1] === fileURLToPath(import.meta.url) && missingForServer().length === 0)
  fetchServer();
