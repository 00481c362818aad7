import { readFileSync } from "node:fs";
import { resolve } from "node:path";
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

/** Development dependencies of which parts are bundled into the page. */
const bundled = ["uplot", "@vscode/webview-ui-toolkit"].filter(
  (name) => name in manifest.devDependencies,
);

/** Every package that is shipped or bundled: what is named in the manifest and what that needs. */
function shipped(): [string, Locked][] {
  const found = new Map<string, Locked>();
  const queue = [...Object.keys(manifest.dependencies), ...bundled];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const locked = packages[`node_modules/${name}`];
    if (!locked || found.has(name)) continue;
    found.set(name, locked);
    queue.push(...Object.keys({ ...locked.dependencies, ...locked.optionalDependencies }));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
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
