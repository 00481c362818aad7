import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "../util/errors";

/** Folder of an installed package. */
function packageFolder(name: string): string {
  const require = createRequire(join(__dirname, "x.js"));
  let folder = dirname(require.resolve(name));
  // The entry lies somewhere below the package's folder.
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}

/** Version of an installed package. */
export function packageVersion(name: string): string {
  const manifest = readFileSync(join(packageFolder(name), "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Why this Node.js cannot load the native libraries that GLAD came with, and what to do. */
export interface ForeignLibraries {
  text: string;
  mend: string;
}

/** Null where onnxruntime's package in `folder` holds a library for `here`, a system and processor such as `linux-x64`. */
export function foreignLibraries(
  folder = packageFolder("onnxruntime-node"),
  here = `${process.platform}-${process.arch}`,
): ForeignLibraries | null {
  const there = readdirSync(join(folder, "bin"), { recursive: true, encoding: "utf8" })
    .map((path) => /(\w+)[\\/](\w+)[\\/]onnxruntime_binding\.node$/.exec(path))
    .flatMap((found) => (found ? [`${found[1]!}-${found[2]!}`] : []));
  if (there.includes(here)) return null;
  // A package for the editor holds the libraries of one platform, npm's package those of all.
  if (there.length === 1)
    return {
      text: `this package of GLAD is for ${there[0]}, and Node.js ${process.execPath} is for ${here}`,
      mend: `install GLAD's package for ${here}, or let it be run by a Node.js for ${there[0]} (glad.nodePath)`,
    };
  return {
    text: `onnxruntime has no library for ${here}, only for ${there.join(", ")}`,
    mend: "use GLAD on one of these",
  };
}

/** Throws a UserError where this Node.js cannot load the libraries that GLAD came with. */
export function refuseForeignLibraries(): void {
  const foreign = foreignLibraries();
  if (foreign) throw new UserError(`${foreign.text}; ${foreign.mend}`);
}
