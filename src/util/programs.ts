import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Absolute path of another bundled program, e.g. `probe.js`. All bundles lie in one folder; when this code runs from
 * its sources (tests), that folder is `dist` of the repository.
 */
export function programFile(name: string): string {
  const beside = join(__dirname, name);
  return existsSync(beside) ? beside : join(__dirname, "../../dist", name);
}
