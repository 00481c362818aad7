import { basename, join, resolve } from "node:path";
import {
  build,
  type BuildOptions,
  type BuildResult,
  type Metafile,
  type OutputFile,
} from "esbuild";
import { expect, test } from "vitest";

const root = resolve(__dirname, "..");
const { homesOf, joined, splitOptions } = (await import(join(root, "splitBundle.mjs"))) as {
  splitOptions: (options: BuildOptions, out: string) => BuildOptions;
  homesOf: (metafile: Metafile) => Map<string, string>;
  joined: (result: BuildResult, options: BuildOptions, out: string) => Promise<OutputFile[]>;
};

const options: BuildOptions = {
  bundle: true,
  platform: "node",
  external: ["vscode"],
  sourcemap: true,
  absWorkingDir: root,
};

test("an activation loads what it needs and nothing heavy", async () => {
  const result = await build(splitOptions(options, "dist"));
  const metafile = result.metafile!;
  const { outputs } = metafile;
  const chunks = [...homesOf(metafile)].flatMap(([chunk, home]) =>
    home === "extension" ? [chunk] : [],
  );
  const loaded = chunks.flatMap((chunk) => Object.keys(outputs[chunk]!.inputs));
  expect(loaded).toContain("src/extension.ts");
  expect(loaded).toContain("src/host/runs/runStore.ts");
  // Packages, what commands do, pages and schemas wait until they are asked for.
  expect(loaded.filter((path) => path.includes("node_modules"))).toEqual([]);
  const wait =
    /commands\/(?!register)|(Session|Page)\.ts$|pageStrings|src\/experiments\/rules|\/experimentProblems|protocol\/(config|status|feed)\.ts/;
  expect(loaded.filter((path) => wait.test(path))).toEqual([]);
  // Fewer characters than these are read in a millisecond or two.
  const inputs = chunks.flatMap((chunk) => Object.values(outputs[chunk]!.inputs));
  const size = inputs.reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
  expect(size).toBeLessThan(130e3);

  const files = await joined(result, options, "dist");
  const [maps, scripts] = [/\.map$/, /\.js$/].map((ends) =>
    files.filter(({ path }) => ends.test(path)),
  );
  expect(scripts!.map(({ path }) => basename(path))).toEqual([
    "extension.js",
    "readers.js",
    "later.js",
  ]);
  // A debugger finds the sources from where the bundles lie.
  const sources = maps!.flatMap(({ text }) => (JSON.parse(text) as { sources: string[] }).sources);
  expect(sources).toContain("../src/host/runs/runStore.ts");
  expect(sources).toContain("../src/host/commands/table.ts");
  // The editor's interface is not copied.
  for (const { text } of scripts!) expect(text.match(/\w+\(require\("vscode"\)\)/g)).toBeNull();
});

test("neither a look at an experiment nor its page loads what writes tables, which takes as long as all else", async () => {
  const entryPoints = ["experimentProblems", "tableOf"].map(
    (name) => `src/host/experiments/${name}.ts`,
  );
  const { metafile } = await build({
    ...options,
    entryPoints,
    outdir: "dist",
    metafile: true,
    write: false,
  });
  const loaded = Object.keys(metafile.inputs);
  expect(loaded).toEqual(expect.arrayContaining(entryPoints));
  expect(loaded.filter((path) => /string-width|renderTable/.test(path))).toEqual([]);
});
