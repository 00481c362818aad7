import { InvalidArgumentError } from "commander";
import { UserError } from "../util/errors";

/** Makes the parser of an option that takes a whole number of `least` or more, and of at most `most`. */
export function wholeNumber(least: number, most?: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const isWhole = text.trim() !== "" && Number.isInteger(value) && value >= least;
    if (isWhole && value <= (most ?? Number.MAX_SAFE_INTEGER)) return value;
    // Beyond it not every whole number can be told from the next.
    const limit = isWhole ? `, at most ${Number.MAX_SAFE_INTEGER}` : "";
    const range = most === undefined ? `of ${least} or more${limit}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`expected a whole number ${range}.`);
  };
}

/** Parses an option that takes any number. */
export function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number.");
}

/** How a part with a comma is written, for the help of options. */
export const quotingHelp = "one with a comma in double quotes";

/** What is said of a list whose quotes are not like that. */
export const quoting =
  'a name that begins with a double quote must end with one before the next comma, and "" stands for a quote in it';

/**
 * The parts of a list with commas, without blanks around them. A part in double quotes may hold commas, and quotes as `""`, as in CSV.
 * Undefined where quotes are left open, or something follows them.
 */
export function partsOf(list: string): string[] | undefined {
  const part = /\s*(?:"((?:[^"]|"")*)"\s*|((?!")[^,]*))(,|$)/y;
  const parts: string[] = [];
  for (;;) {
    const [, quoted, plain, end] = part.exec(list) ?? [];
    if (end === undefined) return undefined;
    parts.push((quoted?.replaceAll('""', '"') ?? plain!).trim());
    if (end === "") return parts;
  }
}

/** The class names in the list with commas of `--classes`; at least two, because between one there is no choice. */
export function classNamesIn(list: string): string[] {
  const names = partsOf(list)?.filter((name) => name !== "");
  if (names === undefined) throw new UserError(`--classes is ${list}, but ${quoting}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`--classes: names "${twice}" twice; take one out`);
  if (names.length < 2)
    throw new UserError(
      `--classes is "${list}", expected at least two names between commas, e.g. "cat,dog"`,
    );
  return names;
}
