import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { editorSchema } from "../../src/protocol/editorSchema";
import { experimentEditorSchema } from "../../src/protocol/experimentEditorSchema";

test.each([
  ["glad", editorSchema()],
  ["experiment", experimentEditorSchema()],
])("schemas/%s.schema.json is what `npm run schema` makes of its schema", (name, schema) => {
  const file = join(import.meta.dirname, `../../schemas/${name}.schema.json`);
  const written = JSON.parse(readFileSync(file, "utf8")) as unknown;
  expect(written, "run `npm run schema`").toEqual(JSON.parse(JSON.stringify(schema)));
});
