import { expect, it } from "vitest";
import { firstFive, plural, visible } from "../../src/util/text";

it("counts with the noun", () => {
  expect([plural(0, "image"), plural(1, "class"), plural(2, "class")]).toEqual([
    "0 images",
    "1 class",
    "2 classes",
  ]);
  expect(plural(12345, "image")).toBe("12,345 images");
});

it("names at most five", () => {
  expect(firstFive(["a", "b", "c", "d", "e"])).toBe("a, b, c, d, e");
  expect(firstFive(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d, e, ...");
});

it("shows control characters as JSON escapes them, and all others as they are", () => {
  expect(visible("\u001f\u008b\b a\tb\n\u007f\u001b[31m é 猫 \u{1F600} \\")).toBe(
    "\\u001f\\u008b\\u0008 a\\u0009b\\u000a\\u007f\\u001b[31m é 猫 \u{1F600} \\",
  );
});
