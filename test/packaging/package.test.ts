import { execFile } from "node:child_process";
import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, type TestContext, test } from "vitest";
import { temporaryFolder } from "../support/temporaryFolder";
import { openZip, type Zip } from "../support/zip";

const root = resolve(__dirname, "../..");
const run = promisify(execFile);
const here = `${process.platform}-${process.arch}`;
const { targets } = (await import(join(root, "packaging/targets.mjs"))) as { targets: string[] };
const { stage } = (await import(join(root, "packaging/stage.mjs"))) as {
  stage: (target: string) => string;
};
const { NoRegistry } = (await import(join(root, "packaging/registry.mjs"))) as {
  NoRegistry: new () => Error;
};

/** A platform's files; the test skips itself where another platform's cannot be fetched. */
function staged(target: string, { skip }: TestContext): string {
  try {
    return stage(target);
  } catch (error) {
    if (!(error instanceof NoRegistry)) throw error;
    console.log(`skipped: ${error.message}`);
    return skip();
  }
}

/** The native libraries below a folder. */
function libraries(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(node|dll|dylib|so[.\d]*)$/.test(path))
    .map((path) => path.replaceAll("\\", "/").replace(/^.*node_modules\//, ""))
    .sort();
}

describe.runIf(targets.includes(here))("the package of this platform", () => {
  let file: string;
  let zip: Zip;

  beforeAll(async () => {
    const out = join(root, ".tools");
    await run(process.execPath, ["packaging/package.mjs", "--target", here, "--out", out], {
      cwd: root,
    });
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      version: string;
    };
    file = join(out, `glad-${here}-${version}.vsix`);
    zip = openZip(file);
  });

  test("holds what is run and read, and nothing else", () => {
    const outside = zip.paths.filter((path) => !path.startsWith("extension/dist/node_modules/"));
    const known =
      /^extension\/((media|l10n)\/[\w./-]+|schemas\/\w+\.schema\.json|package(\.nls(\.[\w-]+)?)?\.json)$/;
    expect(outside.filter((path) => !known.test(path))).toMatchInlineSnapshot(`
      [
        "[Content_Types].xml",
        "extension.vsixmanifest",
        "extension/LICENSE.txt",
        "extension/THIRD_PARTY_LICENSES.md",
        "extension/changelog.md",
        "extension/dist/cli.js",
        "extension/dist/dataPages.css",
        "extension/dist/dataPages.js",
        "extension/dist/experiment.js",
        "extension/dist/extension.js",
        "extension/dist/imageWorker.js",
        "extension/dist/later.js",
        "extension/dist/probe.js",
        "extension/dist/queue.js",
        "extension/dist/readers.js",
        "extension/dist/statusWorker.js",
        "extension/dist/trainer.js",
        "extension/dist/webview.css",
        "extension/dist/webview.js",
        "extension/readme.md",
      ]
    `);
    const packages = zip.paths.flatMap(
      (path) => /^extension\/dist\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    );
    expect([...new Set(packages)]).toEqual(
      [
        "@img/colour",
        `@img/sharp-${here}`,
        ...(process.platform === "win32" ? [] : [`@img/sharp-libvips-${here}`]),
        "detect-libc",
        "onnxruntime-common",
        "onnxruntime-node",
        "semver",
        "sharp",
      ].sort(),
    );
  });

  test("is smaller than 40 MB, and what an activation loads than 70 kB", () => {
    expect(statSync(file).size).toBeLessThan(40e6);
    expect(zip.read("extension/dist/extension.js").length).toBeLessThan(70e3);
  });

  test("has a manifest that can be installed, for this platform", () => {
    const manifest = JSON.parse(zip.read("extension/package.json").toString()) as object;
    expect(manifest).toMatchObject({
      publisher: "glad",
      name: "glad",
      main: "./dist/extension.js",
    });
    for (const key of ["private", "scripts", "dependencies", "devDependencies"])
      expect(manifest).not.toHaveProperty(key);
    const index = zip.read("extension.vsixmanifest").toString();
    expect(index).toContain(`TargetPlatform="${here}"`);
  });

  test("tells the licences of what is bundled, and has no link that leads nowhere", () => {
    const licences = zip.read("extension/THIRD_PARTY_LICENSES.md").toString();
    expect(licences).toMatch(/^## zod$[\s\S]+Colin McDonnell/m);
    expect(licences).toMatch(/^## .*onnxruntime-node.*$[\s\S]+Microsoft Corporation/m);
    const readme = zip.read("extension/readme.md").toString();
    expect(readme).not.toMatch(/\]\((?!https:)/);
    expect(zip.paths.filter((path) => path.includes("screenshots"))).toEqual([]);
  });

  test("trains where nothing else of the repository is", async () => {
    const folder = temporaryFolder();
    cpSync(join(root, ".tools/vsix", here), join(folder, "extension"), { recursive: true });
    const glad = (...args: string[]): Promise<{ stdout: string }> =>
      run(process.execPath, [join(folder, "extension/dist/cli.js"), ...args], { cwd: folder });
    const { stdout } = await glad("demo", "prepare", ".glad/demo", "--output", ".glad");
    const { config } = JSON.parse(stdout) as { config: string };
    await glad("train", config, "--set", "training.steps=2");
    const { stdout: told } = await glad("runs", "--json");
    expect(JSON.parse(told)).toMatchObject([{ state: "finished" }]);
  });
});

const engines: Record<string, string[]> = {
  "linux-x64": ["libonnxruntime.so.1", "onnxruntime_binding.node"],
  "linux-arm64": ["libonnxruntime.so.1", "onnxruntime_binding.node"],
  "darwin-arm64": ["libonnxruntime.1.dylib", "onnxruntime_binding.node"],
  "win32-x64": [
    "DirectML.dll",
    "dxcompiler.dll",
    "dxil.dll",
    "onnxruntime.dll",
    "onnxruntime_binding.node",
  ],
};

test.for(targets)("the package for %s has its libraries alone", (target, context) => {
  const found = libraries(staged(target, context));
  const folder = `onnxruntime-node/bin/napi-v6/${target.replace("-", "/")}`;
  expect(found.filter((path) => path.startsWith("onnxruntime-node/"))).toEqual(
    engines[target]!.map((name) => `${folder}/${name}`),
  );
  const others = found.filter((path) => !path.startsWith("onnxruntime-node/"));
  expect(others.some((path) => /\/sharp-[\w-.]+\.node$/.test(path))).toBe(true);
  expect(others.some((path) => /\/libvips-(cpp|42)/.test(path))).toBe(true);
  expect(others.filter((path) => !path.includes(`-${target}/`))).toEqual([]);
});

test.runIf(here !== "win32-x64")(
  "the package of another platform says which one is to be installed",
  async (context) => {
    const folder = staged("win32-x64", context);
    const args = [join(folder, "dist/cli.js"), "runs"];
    const { code, stderr } = await run(process.execPath, args).then(
      () => ({ code: 0, stderr: "" }),
      (error: { code: number; stderr: string }) => error,
    );
    expect(stderr).toContain(
      `this package of GLAD is for win32-x64, and Node.js ${process.execPath} is for ${here}; install GLAD's package for ${here}`,
    );
    expect(code).toBe(1);
  },
);
