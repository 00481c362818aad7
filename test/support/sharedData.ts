import { existsSync } from "node:fs";
import { join } from "node:path";

/** Real input that lies beside the repository, or null, with a line that says what is skipped, where it is missing. */
export function sharedData(name: string, skipped: string): string | null {
  const path = join(import.meta.dirname, "../../../shared/data", name);
  if (existsSync(path)) return path;
  console.log(`skipped: ${skipped}, because ${path} does not exist`);
  return null;
}
