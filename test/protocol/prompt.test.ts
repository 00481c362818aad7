import { expect, test } from "vitest";
import { promptOf } from "../../src/protocol/prompt";

test("a class name stands in its prompt as it is, dollars and braces included", () => {
  expect(promptOf("a photo of a {}, a {}.", "owl")).toBe("a photo of a owl, a owl.");
  for (const name of ["US$$", "$& bill", "$` $' $1", "{}", "\\n"])
    expect(promptOf("a {}!", name)).toBe("a " + name + "!");
});
