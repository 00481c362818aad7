// The mocha suites that run inside an extension host: found, bundled and named here for every runner.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "../..");
const sources = join(repository, "test/vscode/suite");
const bundles = join(repository, "dist/vscodeSuite");

/** What an extension host is given as `extensionTestsPath`. */
export const suiteEntry = join(bundles, "index.js");

/** The names of all suites: `suite/NAME.test.ts`. */
export function suiteNames() {
  return namesOf(sources, ".test.ts");
}

/** The names of files with an ending, in order. */
export function namesOf(folder, ending) {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
}

/** What a host's environment must hold to run one suite and to write its counts into a file. */
export function suiteEnvironment(name, result) {
  return { GLAD_VSCODE_SUITE: `${name}.test.js`, GLAD_VSCODE_RESULT: result };
}

/** Bundles all suites. */
export async function buildSuites() {
  await build({
    entryPoints: ["index.ts", ...suiteNames().map((name) => `${name}.test.ts`)].map((file) =>
      join(sources, file),
    ),
    outdir: bundles,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
}
