import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { UserError } from "../../src/util/errors";
import { isWebPage, parseJsonText, readTextFile } from "../../src/util/jsonFile";
import { temporaryFolder } from "../support/temporaryFolder";

it("reads a file without its byte order mark", () => {
  const folder = temporaryFolder({ "a.json": '\uFEFF{"a": 1}' });
  const file = join(folder, "a.json");
  expect(parseJsonText(readTextFile(file, "the file"), file)).toEqual({ a: 1 });
});

it("tells a missing file from a folder, and from one that cannot be read", () => {
  const folder = temporaryFolder({ file: "" });
  expect(() => readTextFile(join(folder, "none"), "the list", "make one")).toThrow(
    `${join(folder, "none")}: the list does not exist; make one`,
  );
  expect(() => readTextFile(folder, "the list")).toThrow(": the list is a folder, and not a file");
  expect(() => readTextFile(join(folder, "file/below"), "the list")).toThrow(
    /: the list cannot be read \(ENOTDIR/,
  );
});

it.each([
  ["<!DOCTYPE html>", true],
  ["\n  <html lang=en>", true],
  ['<?xml version="1.0"?>', true],
  ['{"html": "<html>"}', false],
  ["", false],
])("takes %j for a web page: %s", (text, expected) => {
  expect(isWebPage(text)).toBe(expected);
});

it("quotes a file that is not JSON without control characters", () => {
  const folder = temporaryFolder();
  const file = join(folder, "a.json");
  writeFileSync(file, gzipSync("{}"));
  expect(() => parseJsonText(readTextFile(file, "the file"), file)).toThrow(
    /: is not valid JSON \(Unexpected token '\\u001f', "\\u001f[^\p{Cc}]*\); correct it/u,
  );
});

it("refuses what is nested too deeply for any walk through it", () => {
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  expect(() => parseJsonText(deep, "a.json")).toThrow(UserError);
  expect(() => parseJsonText(deep, "a.json")).toThrow(
    "a.json: is nested more than 100 levels deep, which no file of this kind is; correct it, or get it again",
  );
});
