// One table of outputs; everything that is run is bundled into dist/.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { build, context } from "esbuild";
import { webviewOutput } from "./webview/build.mjs";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

/** Native or self-locating packages stay outside the bundles. */
const external = ["onnxruntime-node", "sharp"];

const node = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external,
  sourcemap: !production,
  minify: production,
  logLevel: "warning",
};

/** zod brings its messages in 50 languages, a quarter of a megabyte (what we tell are our own sentences), and a reader of JSON schemas. */
const lessOfZod = {
  name: "less-of-zod",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]from-json-schema\.js$/ }, () => ({
      contents: 'export function fromJSONSchema() { throw new Error("not in this bundle"); }',
    }));
  },
};

const outputs = [
  {
    ...node,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    external: [...external, "vscode"],
    plugins: [lessOfZod],
  },
  {
    ...node,
    entryPoints: ["src/cli/main.ts"],
    outfile: "dist/cli.js",
    banner: { js: "#!/usr/bin/env node" },
  },
  { ...node, entryPoints: ["src/trainer/main.ts"], outfile: "dist/trainer.js" },
  { ...node, entryPoints: ["src/executors/queueMain.ts"], outfile: "dist/queue.js" },
  { ...node, entryPoints: ["src/train/statusWorker.ts"], outfile: "dist/statusWorker.js" },
  { ...node, entryPoints: ["src/runtime/probeMain.ts"], outfile: "dist/probe.js" },
  { ...node, entryPoints: ["src/data/imageWorker.ts"], outfile: "dist/imageWorker.js" },
  { ...webviewOutput, outdir: "dist", sourcemap: !production, minify: production },
];

for (const options of outputs) {
  if (watch) await (await context(options)).watch();
  else for (const file of (await build({ ...options, write: false })).outputFiles) replace(file);
}

/** A program that is started meanwhile finds the old bundle or the new one, never a part of one. */
function replace({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}
