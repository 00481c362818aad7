import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { Path } from "./fault";

/** An absolute path; the name of a model stays as it is unless it is written as a path or is a folder there. */
export function resolveSetting(setting: Path, written: string, folder: string): string {
  const path = /^~(?=[\\/]|$)/.test(written)
    ? join(homedir(), written.slice(1))
    : resolve(folder, written);
  if (setting[0] !== "model") return path;
  const isPath = /^(\.{1,2}([\\/]|$)|~([\\/]|$))/.test(written) || isAbsolute(written);
  return isPath || existsSync(path) ? path : written;
}
