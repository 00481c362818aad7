import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configJsonSchema, type Field } from "../../src/protocol/configFields";
import { experimentJsonSchema } from "../../src/protocol/experiment";

test.each([
  ["glad", configJsonSchema],
  ["experiment", experimentJsonSchema()],
])("schemas/%s.schema.json is what `npm run schema` makes of its schema", (name, schema) => {
  const file = join(import.meta.dirname, `../../schemas/${name}.schema.json`);
  const written = JSON.parse(readFileSync(file, "utf8")) as unknown;
  expect(written, "run `npm run schema`").toEqual(JSON.parse(JSON.stringify(schema)));
});

test("every setting says what it is", () => {
  const silent: string[] = [];
  const walk = (field: Field, name: string): void => {
    for (const [key, value] of Object.entries(field.properties ?? {})) {
      if (!value.description && !value.properties) silent.push(`${name}${key}`);
      for (const part of [value, ...(value.anyOf ?? [])]) walk(part, `${name}${key}.`);
    }
  };
  walk(configJsonSchema, "");
  expect(silent).toEqual([]);
});
