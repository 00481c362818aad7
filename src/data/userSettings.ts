import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { settingsSchema, type Settings } from "../protocol/settings";
import { UserError } from "../util/errors";
import { parseJsonText, readTextFile } from "../util/jsonFile";
import { writeAtomically } from "../util/writeAtomically";

/** `glad/settings.json` in `$XDG_CONFIG_HOME`, or in `~/.config` where that is not set. */
export function settingsFile(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.XDG_CONFIG_HOME ?? "";
  // The XDG specification has relative paths ignored.
  return join(isAbsolute(named) ? named : join(homedir(), ".config"), "glad", "settings.json");
}

/** The user's settings; the defaults where nothing was ever set. */
export function readSettings(file = settingsFile()): Settings {
  if (!existsSync(file)) return settingsSchema.parse({ data: {} });
  const parsed = settingsSchema.safeParse(parseJsonText(readTextFile(file, "your settings"), file));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new UserError(`${file}: ${field}${issue.message}; mend the file, or remove it`);
}

/** Changes the user's settings; the file is replaced as a whole. */
export async function changeSettings(
  change: (settings: Settings) => void,
  file = settingsFile(),
): Promise<void> {
  const settings = readSettings(file);
  change(settings);
  const text = JSON.stringify(settings, null, 2) + "\n";
  await writeAtomically(file, async (handle) => {
    await handle.writeFile(text);
  });
}
