import { InvalidArgumentError } from "commander";
import { UserError } from "../util/errors";

/** Makes the parser of an option that takes a whole number of `least` or more. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    // Beyond it not every whole number can be told from the next.
    const limit =
      Number.isInteger(value) && value >= least ? `, at most ${Number.MAX_SAFE_INTEGER}` : "";
    throw new InvalidArgumentError(`expected a whole number of ${least} or more${limit}.`);
  };
}

/** Parses an option that takes any number. */
export function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number.");
}

/** The class names in the list with commas of `--classes`; at least two, because between one there is no choice. */
export function classNamesIn(list: string): string[] {
  const names = list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`--classes: names "${twice}" twice; take one out`);
  if (names.length < 2)
    throw new UserError(
      `--classes is "${list}", expected at least two names between commas, e.g. "cat,dog"`,
    );
  return names;
}
