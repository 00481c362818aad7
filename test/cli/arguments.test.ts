import { expect, test } from "vitest";
import { classNamesIn, wholeNumber } from "../../src/cli/arguments";
import { registerStep } from "../../src/cli/stepCommand";
import { runCommand } from "../support/runCommand";

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

test("a name in double quotes may hold commas, and quotes as two", () => {
  expect(classNamesIn("cat, dog ,,")).toEqual(["cat", "dog"]);
  expect(classNamesIn('cat,"a,b", dog')).toEqual(["cat", "a,b", "dog"]);
  expect(classNamesIn(' "a ""b"", c" ,6" pipe')).toEqual(['a "b", c', '6" pipe']);
  expect(classNamesIn('"",a,b')).toEqual(["a", "b"]);
  for (const open of ['cat,"a,b', '"a"b,c', '"a""', '"a" "b",c'])
    expect(() => classNamesIn(open), open).toThrow(/^--classes is .*, but a name that begins with/);
  expect(() => classNamesIn('"a,b"')).toThrow(/expected at least two names between commas/);
});

test("glad step takes names in double quotes, too", async () => {
  const step = (classes: string) => {
    const files = ["--model", "m", "--images", '"a,1.jpg",b.jpg', "--labels", "0,2"];
    return runCommand(registerStep, ["step", ...files, "--classes", classes]);
  };
  await expect(step('"a,b",c')).rejects.toThrow("2 is not a class; there are 2 classes");
  await expect(step('"a,b')).rejects.toThrow(/a name that begins with a double quote must end/);
});
