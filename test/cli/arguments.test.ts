import { expect, test } from "vitest";
import { wholeNumber } from "../../src/cli/arguments";

test("an option takes whole numbers that can be told from the next", () => {
  const parse = wholeNumber(1);
  expect(parse("9007199254740991")).toBe(9007199254740991);
  for (const text of ["0", "1.5", "x", "", "-1e300"])
    expect(() => parse(text), text).toThrow(/^expected a whole number of 1 or more\.$/);
  for (const text of ["9007199254740993", "1e300"])
    expect(() => parse(text), text).toThrow(
      "expected a whole number of 1 or more, at most 9007199254740991.",
    );
});
