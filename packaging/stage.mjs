// What a package is made of: a folder with exactly the files that are shipped.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { licenceTexts } from "./licences.mjs";
import { packageFolder, repository } from "./registry.mjs";
import { nativePackages } from "./targets.mjs";

/** Files and folders that are shipped as they are. */
const asTheyAre = ["CHANGELOG.md", "LICENSE", "package.nls.json", "media", "l10n"];

/** The README's pictures cannot be shown on the editor's page of the extension. */
const isShipped = (path) => !path.endsWith("screenshots");

/** Gathers the files of one platform's package in a fresh folder below `.tools`, and gives its path. */
export function stage(target) {
  const folder = join(repository, ".tools/vsix", target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const put = (file, text) => writeFileSync(join(folder, file), text);
  for (const name of asTheyAre)
    if (existsSync(join(repository, name)))
      cpSync(join(repository, name), join(folder, name), { recursive: true, filter: isShipped });
  copyMatching(join(repository, "schemas"), join(folder, "schemas"), /\.json$/);
  put("package.json", `${JSON.stringify(shippedManifest(), null, 2)}\n`);
  put("README.md", withoutRelativeLinks(readFileSync(join(repository, "README.md"), "utf8")));
  const bundles = ["esbuild.mjs", "--production", "--out", join(folder, "dist")];
  execFileSync(process.execPath, bundles, { cwd: repository, stdio: "inherit" });
  const native = nativePackages(target);
  // Below dist, where the bundles look first; vsce takes the manifest's dependencies for those of npm.
  for (const [name, files] of Object.entries(native))
    copyMatching(packageFolder(name), join(folder, "dist/node_modules", name), files);
  const notices = readFileSync(join(repository, "THIRD_PARTY_LICENSES.md"), "utf8");
  put("THIRD_PARTY_LICENSES.md", notices + licenceTexts());
  return folder;
}

/** package.json without what only its repository needs; all that was gathered is shipped. */
function shippedManifest() {
  const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  for (const key of ["private", "scripts", "bin", "dependencies", "devDependencies"])
    delete manifest[key];
  return { ...manifest, files: ["**"] };
}

/** Links to files of the repository lead nowhere from the editor's page of the extension: their text stays, pictures go. */
export function withoutRelativeLinks(markdown) {
  return markdown
    .replace(/!\[[^\]]*\]\((?!https?:)[^)]+\)\n*/g, "")
    .replace(/\[([^\]]+)\]\((?!https?:)[^)]+\)/g, "$1");
}

/** Copies the files whose path below `from`, with slashes, fits a pattern; an error where none does. */
function copyMatching(from, to, pattern) {
  const files = readdirSync(from, { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => pattern.test(path) && statSync(join(from, path)).isFile());
  if (files.length === 0) throw new Error(`internal: no file of ${from} fits ${pattern}`);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
}
