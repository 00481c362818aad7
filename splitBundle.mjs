// The extension in two bundles: what an activation needs, and what is loaded when it is first asked for.
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Options of esbuild for the chunks that `inTwo` makes the bundles of. esbuild itself splits at every `import()`, but only ES
 * modules, which the editor does not load, and into dozens of files, each of which costs an activation half a millisecond.
 */
export function splitOptions(options) {
  return {
    ...options,
    entryPoints: ["src/host/loadStart.ts", "src/extension.ts"],
    outdir: "/chunks",
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

/** The chunks that are loaded at once with a chunk. */
export function loadedWith(chunk, { outputs }) {
  const found = new Set([chunk]);
  for (const each of found)
    for (const { path, kind } of outputs[each].imports)
      if (kind === "import-statement" && outputs[path]) found.add(path);
  return found;
}

/**
 * Bundles the chunks of a build with `splitOptions` as `extension.js`, what is loaded at once, and `later.js`, the rest, whose
 * modules are evaluated when they are first imported. Both share the modules of the first: there is one of each.
 */
export async function inTwo({ outputFiles, metafile }, options, out) {
  const texts = new Map(outputFiles.map(({ path, text }) => [nameOf(path), withPlainApi(text)]));
  const paths = Object.keys(metafile.outputs);
  const first = paths.find((path) => nameOf(path) === "extension.js");
  const chunks = [...loadedWith(first, metafile)].map(nameOf);
  const imports = paths.flatMap((path) => metafile.outputs[path].imports);
  const later = imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path);
  const asked = [...new Set(later.map(nameOf))];

  // Import and export of chunks by their numbers.
  const extension = [
    'import "./loadStart.js";',
    'export { activate } from "./extension.js";',
    ...chunks.map((name, i) => `export * as chunk${i} from "./${name}";`),
  ];
  const rest = asked.map((name, i) => `export const asked${i} = () => require("./${name}");`);
  const bundle = (name, lines, elsewhere) => {
    const resolve = ({ onResolve, onLoad }) => {
      onResolve({ filter: /^\.\/(extension|later)$/ }, ({ path }) => ({
        path: `${path}.js`,
        external: true,
      }));
      onResolve({ filter: /^\.\/.+\.js$/ }, ({ path }) => ({
        path: nameOf(path),
        namespace: "chunk",
      }));
      onLoad({ filter: /./, namespace: "chunk" }, ({ path }) => ({
        contents: elsewhere(path) ?? texts.get(path),
      }));
    };
    return build({
      ...options,
      stdin: { contents: lines.join("\n"), resolveDir: "/" },
      outfile: join(out, name),
      format: "cjs",
      plugins: [{ name: "chunks", setup: resolve }],
      write: false,
    });
  };
  const elsewhere = (file, key, names) => (name) =>
    names.includes(name)
      ? `module.exports = require("./${file}").${key(names.indexOf(name))}`
      : null;
  const built = await Promise.all([
    bundle(
      "extension.js",
      extension,
      elsewhere("later", (i) => `asked${i}()`, asked),
    ),
    bundle(
      "later.js",
      rest,
      elsewhere("extension", (i) => `chunk${i}`, chunks),
    ),
  ]);
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
