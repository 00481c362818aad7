import { expect, it } from "vitest";
import { firstFive, plural } from "../../src/util/text";

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
