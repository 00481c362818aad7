import { UserError } from "../util/errors";
import { isWebPage, readTextFile } from "../util/jsonFile";

/** A line of a text file: its number from 1, for errors, and its text without blanks around it. */
export interface TextLine {
  number: number;
  text: string;
}

/**
 * The lines of a text file, without empty ones. `what` says in an error what the file is, `mend` how to get it. A file
 * that is missing, empty or a web page is the user's mistake.
 */
export function readLines(file: string, what: string, mend: string): TextLine[] {
  const text = readTextFile(file, what, mend);
  if (isWebPage(text)) {
    throw new UserError(
      `${file}: this is a web page (HTML) saved under the name of ${what}, as a download page leaves it; ${mend}`,
    );
  }
  const lines = text
    .split("\n")
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== "");
  if (lines.length === 0) throw new UserError(`${file}: ${what} is empty; ${mend}`);
  return lines;
}
