import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { expect, test } from "vitest";

interface Locked {
  version: string;
  license?: string;
  optional?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const root = resolve(__dirname, "..");
const read = (file: string): string => readFileSync(resolve(root, file), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };

const { webviewOutput } = (await import(resolve(root, "webview/build.mjs"))) as {
  webviewOutput: BuildOptions;
};
const { metafile } = await build({
  ...webviewOutput,
  ...{ outdir: "dist", absWorkingDir: root, write: false, metafile: true },
});
/** Development dependencies of which parts are bundled into the pages. */
const bundled = Object.keys(manifest.devDependencies).filter((name) =>
  Object.keys(metafile.inputs).some((path) => path.startsWith(`node_modules/${name}/`)),
);

/** Every package that is shipped or bundled, by name and version: what is named in the manifest and what that needs. */
function shipped(): [string, Locked][] {
  const found = new Map<string, Locked>();
  const queue = [...Object.keys(manifest.dependencies), ...bundled].map((name) => [name, ""]);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [name, from] = next as [string, string];
    const path = pathOf(name, from);
    if (path === null || found.has(path)) continue;
    const locked = packages[path]!;
    found.set(path, locked);
    const needed = { ...locked.dependencies, ...locked.optionalDependencies };
    queue.push(...Object.keys(needed).map((each) => [each, `${path}/`]));
  }
  const rows = [...found].map(([path, locked]): [string, Locked] => [
    path.split("node_modules/").at(-1)!,
    locked,
  ]);
  const rank = ([name, { version }]: [string, Locked]): string => `${name} ${version}`;
  return rows.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Where a package lies that one at `from` needs: in the nearest folder, as Node.js looks for it; null where it is not installed. */
function pathOf(name: string, from: string): string | null {
  const path = `${from}node_modules/${name}`;
  if (path in packages) return path;
  const above = from.lastIndexOf("node_modules/");
  return from === "" ? null : pathOf(name, from.slice(0, above));
}

test("THIRD_PARTY_LICENSES.md lists every package that is shipped (npx vitest run -u writes it)", async () => {
  const rows = shipped().map(
    ([name, { version, license }]) => `| ${name} | ${version} | ${license ?? "not stated"} |`,
  );
  const text = [
    "# Third-party licences",
    "",
    "Packages that are shipped with GLAD or bundled into it, from package-lock.json. Their licence texts lie in the packages.",
    "`media/demo` (the drawn world and its model) is this project's own work. libvips (LGPL-3.0-or-later) is a shared library of its own",
    "beside sharp and can be replaced. `src/data` ports Pillow's resize and colour conversions (MIT-CMU licence, copyright 1995-2011 Fredrik",
    "Lundh and contributors, 2010 Jeffrey A. Clark and contributors); `src/util/hash.ts` uses MurmurHash3's mixing (public domain).",
    "",
    "| package | version | licence |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../THIRD_PARTY_LICENSES.md");
});

test("every dependency is pinned and has its reason in ARCHITECTURE.md", () => {
  const architecture = read("ARCHITECTURE.md");
  for (const [name, version] of Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
  })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(architecture, `a reason for ${name}`).toContain(`\`${name}\``);
  }
});
