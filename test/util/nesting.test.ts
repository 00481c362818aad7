import { expect, it } from "vitest";
import { isTooDeep } from "../../src/util/nesting";

const levels = (count: number): string => `${'{"a": ['.repeat(count / 2)}${"]}".repeat(count / 2)}`;

it("takes a hundred levels and no more", () => {
  expect(isTooDeep(levels(100))).toBe(false);
  expect(isTooDeep(levels(102))).toBe(true);
  expect(isTooDeep("[".repeat(100_000))).toBe(true);
  expect(isTooDeep(`[${"[],{},".repeat(1000)}1]`)).toBe(false);
});

it.each([
  ["a string", `["${"[".repeat(200)}"]`],
  ["a string with quotes", `["\\\\\\"${"[".repeat(200)}\\\\"]`],
  ["a string without end", `["${"[".repeat(200)}\\"`],
  ["a comment", `[ // ${"[".repeat(200)}\n /* ${"{".repeat(200)} */ ]`],
  ["comments without end", `[ /* ${"{".repeat(200)}`],
])("counts none in %s", (_what, text) => {
  expect(isTooDeep(text)).toBe(false);
});

it("counts on after them", () => {
  for (const text of ['"\\\\"', "// x\n", "/* x */", "/"])
    expect(isTooDeep(text + levels(102)), text).toBe(true);
});
