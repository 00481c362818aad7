import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { dataPageStrings } from "../../src/protocol/dataPageStrings";
import { pageStrings } from "../../src/protocol/pageStrings";
import { repository } from "../support/tinyRun";

const read = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(join(repository, file), "utf8")) as Record<string, string>;
const bundle = read("l10n/bundle.l10n.json");

/** The calls of `t` and `vscode.l10n.t` in a source, as the compiler sees them. */
function calls(file: string): ts.CallExpression[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
      if (name.getText() === "t") found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const host = join(repository, "src/host");
const sources = readdirSync(host, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join(host, file));

test("every text that the host shows is in the bundle, and nothing else but the pages'", () => {
  const texts = sources.flatMap((file) =>
    calls(file).flatMap(({ arguments: [first] }) =>
      // The pages' own are looked up by what they say.
      first && ts.isStringLiteral(first) ? [first.text] : [],
    ),
  );
  expect(texts.length).toBeGreaterThan(100);
  expect(Object.keys(bundle)).toEqual(
    [
      ...new Set([...texts, ...Object.values(pageStrings), ...Object.values(dataPageStrings)]),
    ].sort(),
  );
});

test("texts are whole: none is put together by a template", () => {
  const dynamic = sources.flatMap((file) =>
    calls(file)
      .filter(({ arguments: [first] }) => first && !ts.isStringLiteral(first))
      .map((call) => call.getText()),
  );
  expect(dynamic).toEqual(["vscode.l10n.t(text)"]);
});

const places = (text: string): string[] => (text.match(/\{\d\}/g) ?? []).sort();
const links = (text: string): string[] => text.match(/\]\(command:[^)]*\)/g) ?? [];

test.each([
  ["l10n/bundle.l10n.json", "l10n/bundle.l10n.qps-ploc.json"],
  ["package.nls.json", "package.nls.qps-ploc.json"],
])("the pseudo-locale of %s has every text, with its values and links", (english, pseudo) => {
  const [from, to] = [read(english), read(pseudo)];
  expect(Object.keys(to)).toEqual(Object.keys(from));
  for (const [key, text] of Object.entries(from)) {
    expect(places(to[key]!), key).toEqual(places(text));
    expect(links(to[key]!), key).toEqual(links(text));
    expect(to[key]).not.toBe(text);
  }
});
