import { readFileSync } from "node:fs";
import { messageOf, UserError } from "./errors";
import { isTooDeep, mostLevels } from "./nesting";
import { visible } from "./text";

/**
 * The text of a file that the user named. `what` says in the error what the file is, `mend` how to get it where it is
 * missing (may be empty).
 */
export function readTextFile(file: string, what: string, mend = ""): string {
  try {
    // A byte order mark, which some editors write, is no part of the text.
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "EISDIR"
          ? "is a folder, and not a file"
          : `cannot be read (${messageOf(error)})`;
    throw new UserError(`${file}: ${what} ${reason}${mend === "" ? "" : `; ${mend}`}`);
  }
}

/**
 * Parses JSON that came from a file. A web page saved under the file's name is told apart from a damaged file. `mend`
 * says how to get the file, where there is more to say than that.
 */
export function parseJsonText(text: string, file: string, mend?: string): unknown {
  if (isWebPage(text)) {
    throw new UserError(
      `${file}: this is a web page (HTML) saved under the name of a JSON file, as a download page leaves it; ${mend ?? "save the file itself"}`,
    );
  }
  if (isTooDeep(text))
    throw new UserError(
      `${file}: is nested more than ${mostLevels} levels deep, which no file of this kind is; ${mend ?? "correct it, or get it again"}`,
    );
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const found = text.trim() === "" ? "the file is empty" : visible(messageOf(error));
    throw new UserError(
      `${file}: is not valid JSON (${found}); ${mend ?? "correct it, or get it again"}`,
    );
  }
}

/** Whether a text begins as an HTML page does. */
export function isWebPage(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|script|\?xml|!--)/i.test(text.slice(0, 1000));
}
