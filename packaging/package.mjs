// `npm run package -- [--target NAME] [--out FOLDER]`: an installable package of the extension (VSIX) for one platform, this
// machine's unless said.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createVSIX } from "@vscode/vsce";
import { repository } from "./registry.mjs";
import { stage } from "./stage.mjs";
import { checkTarget } from "./targets.mjs";

/** Makes the package in a folder and gives its path. */
export async function makePackage(target, out) {
  const cwd = stage(target);
  const { version } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  const packagePath = join(out, `glad-${target}-${version}.vsix`);
  await createVSIX({
    cwd,
    target,
    packagePath,
    // What npm would add is already there, pruned to the platform.
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return packagePath;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const here = `${process.platform}-${process.arch}`;
  try {
    const { values } = parseArgs({
      options: {
        target: { type: "string", default: here },
        out: { type: "string", default: repository },
      },
    });
    const file = await makePackage(checkTarget(values.target), values.out);
    console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
