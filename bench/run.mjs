// Bundles bench/<name>.ts to a temporary file and runs it: `node bench/run.mjs images [arguments]`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const source = join(here, `${name}.ts`);
if (!name || !existsSync(source)) {
  console.error(`bench/${name ?? "<name>"}.ts: no such benchmark; usage: node bench/run.mjs NAME`);
  process.exit(1);
}

// Below bench/, so that packages that stay outside the bundle are found in the repository's node_modules.
const folder = mkdtempSync(join(here, ".run-"));
try {
  const outfile = join(folder, `${name}.cjs`);
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["onnxruntime-node", "sharp", "esbuild", "playwright-core"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", outfile, ...rest], {
    cwd: join(here, ".."),
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
