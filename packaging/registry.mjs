// Packages as package-lock.json pins them: those installed here, and those of other platforms from the registry.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "..");
const cache = join(repository, ".tools/packages");

/** Thrown where the registry cannot be asked. */
export class NoRegistry extends Error {}

const read = (file) => JSON.parse(readFileSync(file, "utf8"));

/** What package-lock.json says of a package. */
export function locked(name) {
  return read(join(repository, "package-lock.json")).packages[`node_modules/${name}`];
}

/** The folder of a package in exactly the locked version. */
export function packageFolder(name) {
  const { version, integrity } = locked(name);
  const installed = join(repository, "node_modules", name);
  if (versionIn(installed) === version) return installed;
  const fetched = join(cache, `${name.replace("/", "-")}-${version}`);
  if (versionIn(fetched) !== version) extract(download(name, version, integrity), fetched);
  return fetched;
}

function versionIn(folder) {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) ? read(manifest).version : null;
}

/** The package's archive, checked against the lock. No script of it is run. */
function download(name, version, integrity) {
  mkdirSync(cache, { recursive: true });
  const archive = join(cache, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  try {
    npm(["pack", `${name}@${version}`, "--ignore-scripts", "--pack-destination", cache]);
  } catch (error) {
    throw new NoRegistry(`${name}@${version} cannot be fetched: ${error.stderr ?? error}`, {
      cause: error,
    });
  }
  const [algorithm] = integrity.split("-");
  const found = `${algorithm}-${createHash(algorithm).update(readFileSync(archive)).digest("base64")}`;
  if (found === integrity) return archive;
  rmSync(archive);
  throw new Error(`${name}@${version}: found ${found}, expected ${integrity} (package-lock.json)`);
}

function extract(archive, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"]);
  rmSync(archive);
}

/** Under `npm run` npm's own script is known, which also starts on Windows. */
function npm(args) {
  const script = process.env.npm_execpath;
  const [program, first] = script ? [process.execPath, [script]] : ["npm", []];
  execFileSync(program, [...first, ...args], { cwd: repository, stdio: "pipe", encoding: "utf8" });
}
