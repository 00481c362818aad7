import { isAbsolute, relative } from "node:path";

/** A path as a file in a folder names it. */
export function pathFrom(folder: string, path: string): string {
  const below = relative(folder, path);
  if (below === "") return ".";
  // On Windows a path may be on another disk.
  const isOutside = isAbsolute(below) || /^\.\.([\\/]|$)/.test(below);
  return isOutside ? path : `./${below.replaceAll("\\", "/")}`;
}
