import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findNodeAtLocation, parseTree } from "jsonc-parser/lib/esm/main.js";
import { resolveSetting } from "../../protocol/loadConfig";
import { plural } from "../../util/text";
import type { Problem } from "./problems";

/** What of a configuration's files is not as it says: a model or images that are not there, more shots than a class has. */
export async function missingFiles(text: string, file: string): Promise<Problem[]> {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (!tree) return [];
  const problems: Problem[] = [];
  const folder = dirname(file);
  const at = (path: string[]) => {
    const node = findNodeAtLocation(tree, path);
    return node && { value: node.value as unknown, offset: node.offset, length: node.length };
  };
  const complain = (path: string[], message: string): void => {
    const { offset, length } = at(path)!;
    problems.push({ message, offset, length, replacement: null });
  };

  const model = at(["model"])?.value;
  if (typeof model === "string" && /^(\.{1,2}[\\/]|~[\\/]|[\\/]|[A-Za-z]:[\\/])/.test(model)) {
    const path = resolveSetting(["model"], model, folder);
    if (!(await isFolder(path))) complain(["model"], `model: there is no folder ${path}`);
  }
  const root = at(["data", "root"])?.value;
  if (typeof root !== "string") return problems;
  const images = resolveSetting(["data", "root"], root, folder);
  if (!(await isFolder(images))) {
    complain(["data", "root"], `data.root: there is no folder ${images}`);
    return problems;
  }
  const dataset = at(["data", "dataset"])?.value ?? "folder";
  const shots = at(["data", "shots"])?.value;
  if (dataset !== "folder" || typeof shots !== "number") return problems;
  const fewest = await smallestClass(images);
  if (fewest && fewest.count < shots)
    complain(
      ["data", "shots"],
      `data.shots is ${shots}, but the class "${fewest.name}" has ${plural(fewest.count, "training image")}; all of them are taken`,
    );
  return problems;
}

/** The class with the fewest training images, where the folder has a part `train`; otherwise images are held out first. */
async function smallestClass(root: string): Promise<{ name: string; count: number } | null> {
  const train = join(root, "train");
  const entries = await readdir(train, { withFileTypes: true }).catch(() => []);
  let fewest: { name: string; count: number } | null = null;
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const names = await readdir(join(train, entry.name)).catch(() => []);
    const count = names.filter((name) =>
      /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i.test(name),
    ).length;
    if (!fewest || count < fewest.count) fewest = { name: entry.name, count };
  }
  return fewest;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
