import { expect, it } from "vitest";
import { padLeft, padRight, widthOf, wrap } from "../../src/util/columns";

it("counts the columns of a terminal, not characters", () => {
  // "é" as a letter and an accent of its own; a full-width name; an emoji.
  expect(["cat", "cafe\u0301", "金毛犬", "🐕"].map(widthOf)).toEqual([3, 4, 6, 2]);
  expect(padRight("金毛犬", 8)).toBe("金毛犬  ");
  expect(padLeft("ﾊｽｷｰ", 6)).toBe("  ﾊｽｷｰ");
  expect(padLeft("too long", 3)).toBe("too long");
});

it("breaks lines between words only, and indents the further ones", () => {
  expect(wrap("ok  ", "one two three a-very-long-word end", 12)).toEqual([
    "ok  one two",
    "    three",
    "    a-very-long-word",
    "    end",
  ]);
});
