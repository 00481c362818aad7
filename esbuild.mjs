// One table of outputs; everything that is run is bundled into dist/.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { context } from "esbuild";
import { writeBundles } from "./l10n/export.mjs";
import { joined, splitOptions } from "./splitBundle.mjs";
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

const extension = { ...node, external: [...external, "vscode"] };

const outputs = [
  { ...splitOptions(extension, out), finish: (result) => joined(result, extension, out) },
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
for (const { finish, ...options } of outputs) {
  const written = {
    name: "written",
    setup({ onEnd }) {
      onEnd(async (result) => {
        if (result.errors.length > 0) return;
        for (const file of (await finish?.(result)) ?? result.outputFiles) replace(file);
      });
    },
  };
  const plugins = [...(options.plugins ?? []), written];
  const made = await context({ ...options, plugins, write: false });
  if (watch) await made.watch();
  else await made.rebuild().finally(() => made.dispose());
}

/** A program that is started meanwhile finds the old bundle or the new one, never a part of one. */
function replace({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}
