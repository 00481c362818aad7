// One table of outputs; everything that is run is bundled into dist/.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, context } from "esbuild";
import { writeBundles } from "./l10n/export.mjs";
import { webviewOutput } from "./webview/build.mjs";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");
/** `--out FOLDER`: where the bundles go, dist unless said. */
const out = process.argv.includes("--out")
  ? process.argv[process.argv.indexOf("--out") + 1]
  : "dist";

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

/** What the extension loads when it is first needed stands beside it. */
const later = {
  name: "later",
  setup({ onResolve }) {
    onResolve({ filter: /\/rules$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./experimentRules.js", external: true } : null,
    );
  },
};

const outputs = [
  {
    ...node,
    entryPoints: ["src/extension.ts"],
    outfile: join(out, "extension.js"),
    external: [...external, "vscode"],
    plugins: [later],
  },
  {
    ...node,
    entryPoints: ["src/host/experiments/rules.ts"],
    outfile: join(out, "experimentRules.js"),
  },
  {
    ...node,
    entryPoints: ["src/cli/main.ts"],
    outfile: join(out, "cli.js"),
    banner: { js: "#!/usr/bin/env node" },
  },
  { ...node, entryPoints: ["src/trainer/main.ts"], outfile: join(out, "trainer.js") },
  { ...node, entryPoints: ["src/executors/queueMain.ts"], outfile: join(out, "queue.js") },
  { ...node, entryPoints: ["src/train/statusWorker.ts"], outfile: join(out, "statusWorker.js") },
  { ...node, entryPoints: ["src/runtime/probeMain.ts"], outfile: join(out, "probe.js") },
  { ...node, entryPoints: ["src/data/imageWorker.ts"], outfile: join(out, "imageWorker.js") },
  { ...webviewOutput, outdir: out, sourcemap: !production, minify: production },
];

writeBundles();
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
