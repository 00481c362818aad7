import { readFile } from "node:fs/promises";
import { runPaths } from "../../protocol/runFolder";

/**
 * Asks for the name that a run's configuration gave it: its folder's name the user may change, that in its frozen configuration stays.
 * Null where it cannot be read. Each is read once.
 */
export function frozenNames(): (run: string) => Promise<string | null> {
  const known = new Map<string, string>();
  return async (run) => {
    const name = known.get(run) ?? (await readName(run));
    if (name !== null) known.set(run, name);
    return name;
  };
}

async function readName(run: string): Promise<string | null> {
  try {
    const { name } = JSON.parse(await readFile(runPaths(run).config, "utf8")) as { name?: unknown };
    return typeof name === "string" ? name : null;
  } catch {
    return null;
  }
}
