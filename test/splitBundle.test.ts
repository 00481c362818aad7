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
  splitOptions: (options: BuildOptions) => BuildOptions;
  homesOf: (metafile: Metafile) => Map<string, string>;
  joined: (result: BuildResult, options: BuildOptions, out: string) => Promise<OutputFile[]>;
};

const options: BuildOptions = {
  bundle: true,
  platform: "node",
  external: ["vscode"],
  absWorkingDir: root,
};

test("an activation loads what it needs and nothing heavy", async () => {
  const result = await build(splitOptions(options));
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
    /commands\/(?!register)|(Session|Page)\.ts$|pageStrings|(host|src)\/experiments\/rules|protocol\/(config|status|feed)\.ts/;
  expect(loaded.filter((path) => wait.test(path))).toEqual([]);
  // Fewer characters than these are read in a millisecond or two.
  const size = chunks.reduce((sum, chunk) => sum + outputs[chunk]!.bytes, 0);
  expect(size).toBeLessThan(130e3);

  const files = await joined(result, options, "dist");
  expect(files.map(({ path }) => basename(path))).toEqual([
    "extension.js",
    "readers.js",
    "later.js",
  ]);
  // The editor's interface is not copied.
  for (const { text } of files) expect(text.match(/\w+\(require\("vscode"\)\)/g)).toBeNull();
});
