import { expect, it } from "vitest";
import { byCodePoint } from "../../src/util/codePoints";

it("orders as Python's sorted does, also where UTF-16 units order otherwise", () => {
  // From CPython: sorted(["b", "a", "aa", "A", "é", "\U0001F600", "\uFB01", "a\U0001F600", "a\uFB01", ""])
  const sorted = ["", "A", "a", "aa", "a\uFB01", "a\u{1F600}", "b", "é", "\uFB01", "\u{1F600}"];
  expect([...sorted].reverse().sort(byCodePoint)).toEqual(sorted);
});
