// The extension in bundles: what an activation needs, and what is loaded when it is first asked for.
import { join } from "node:path";
import { build } from "esbuild";

/** What reads the files of runs and experiments, which most windows need soon after their start. */
const readers = [
  "src/protocol/status.ts",
  "src/protocol/experimentRecord.ts",
  "src/experiments/collect.ts",
  "src/host/runs/deletedRuns.ts",
  "src/host/runs/frozenNames.ts",
];

/**
 * Options of esbuild for the chunks that `joined` makes the bundles of. esbuild itself splits at every `import()`, but only ES
 * modules, which the editor does not load, and into dozens of files, each of which costs an activation half a millisecond.
 */
export function splitOptions(options, out) {
  return {
    ...options,
    entryPoints: ["src/host/loadStart.ts", "src/extension.ts"],
    // Nothing is written there, but source maps name sources from there.
    outdir: out,
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    format: "esm",
    splitting: true,
    sourcemap: options.sourcemap && "inline",
    minify: false,
    metafile: true,
    write: false,
  };
}

/**
 * In which bundle each chunk of a build with `splitOptions` lies: `extension.js` holds what is loaded at once, `readers.js` and
 * `later.js` what is imported by `import()` alone. A chunk lies in one, so that there is one of each module.
 */
export function homesOf({ outputs }) {
  const homes = new Map();
  const settle = (path, home) => {
    if (!outputs[path] || homes.has(path)) return;
    homes.set(path, home);
    for (const { path: of, kind } of outputs[path].imports)
      if (kind === "import-statement") settle(of, home);
  };
  const chunks = Object.entries(outputs);
  const all = (home, belongs) =>
    chunks
      .filter(([, { entryPoint }]) => belongs(entryPoint))
      .forEach(([path]) => settle(path, home));
  all("extension", (entry) => entry === "src/host/loadStart.ts" || entry === "src/extension.ts");
  all("readers", (entry) => readers.includes(entry));
  all("later", (entry) => entry !== undefined);
  return homes;
}

/** Bundles the chunks of a build with `splitOptions`; a module of the later bundles is evaluated when it is first imported. */
export async function joined({ outputFiles, metafile }, options, out) {
  const texts = new Map(outputFiles.map(({ path, text }) => [nameOf(path), withPlainApi(text)]));
  const homes = new Map([...homesOf(metafile)].map(([path, home]) => [nameOf(path), home]));
  const names = [...homes.keys()];
  // A bundle gives the others its chunks by their numbers.
  const given = (name) => `chunk${names.indexOf(name)}`;
  const linesOf = (home) => {
    const own = names.filter((name) => homes.get(name) === home);
    if (home !== "extension")
      return own.map((name) => `export const ${given(name)} = () => require("./${name}");`);
    return [
      'import "./loadStart.js";',
      'export { activate } from "./extension.js";',
      ...own.map((name) => `export * as ${given(name)} from "./${name}";`),
    ];
  };
  const textIn = (home, name) => {
    const of = homes.get(name);
    if (of === home) return texts.get(name);
    return `module.exports = require("bundle:${of}").${given(name)}${of === "extension" ? "" : "()"}`;
  };
  const chunksIn = (home) => ({
    name: "chunks",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^bundle:/ }, ({ path }) => ({
        path: path.replace(/^bundle:(.*)/, "./$1.js"),
        external: true,
      }));
      onResolve({ filter: /^\.\// }, ({ path }) => ({ path: nameOf(path), namespace: "chunk" }));
      onLoad({ filter: /./, namespace: "chunk" }, ({ path }) => ({ contents: textIn(home, path) }));
    },
  });
  const built = await Promise.all(
    [...new Set(homes.values())].map((home) =>
      build({
        ...options,
        stdin: { contents: linesOf(home).join("\n"), resolveDir: "/" },
        outfile: join(out, `${home}.js`),
        format: "cjs",
        plugins: [chunksIn(home)],
        write: false,
      }),
    ),
  );
  return built.flatMap((each) => each.outputFiles);
}

/**
 * For `import *` esbuild copies all names of a module, in each file that imports it: of the editor's interface, which has hundreds,
 * that took an activation longer than everything else. `require` gives the interface itself.
 */
function withPlainApi(text) {
  return text.replace(/^import \* as (\w+) from "vscode";$/gm, 'const $1 = require("vscode");');
}

function nameOf(path) {
  return path.split(/[\\/]/).at(-1);
}
