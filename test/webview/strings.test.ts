import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { pageStrings } from "../../src/protocol/pageStrings";

const webview = resolve(__dirname, "../../webview");

test("every text of the page is used", () => {
  const sources = readdirSync(webview, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(webview, file), "utf8"))
    .join("\n");
  expect(Object.keys(pageStrings).filter((key) => !sources.includes(`"${key}"`))).toEqual([]);
});
