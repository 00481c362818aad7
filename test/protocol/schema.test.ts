import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { editorSchema, withoutMarks } from "../../src/protocol/editorSchema";
import { experimentEditorSchema } from "../../src/protocol/experimentEditorSchema";

test.each([
  ["glad", withoutMarks(editorSchema())],
  ["experiment", withoutMarks(experimentEditorSchema())],
])("schemas/%s.schema.json is what `npm run schema` makes of its schema", (name, schema) => {
  const file = join(import.meta.dirname, `../../schemas/${name}.schema.json`);
  const written = JSON.parse(readFileSync(file, "utf8")) as unknown;
  expect(written, "run `npm run schema`").toEqual(JSON.parse(JSON.stringify(schema)));
});

test.each(["glad", "experiment"])("schemas/%s.schema.json calls no text wrong", (name) => {
  const file = join(import.meta.dirname, `../../schemas/${name}.schema.json`);
  const written = JSON.parse(readFileSync(file, "utf8")) as object;
  const silent = [
    "$schema",
    "description",
    "allowComments",
    "allowTrailingCommas",
    "defaultSnippets",
  ];
  // A condition without `then` and `else` has no consequence.
  expect(Object.keys(written)).toEqual([...silent, "if"]);
});
