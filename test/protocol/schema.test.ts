import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configJsonSchema, type Field } from "../../src/protocol/configFields";

test("schemas/glad.schema.json is what `npm run schema` makes of the configuration's schema", () => {
  const file = join(import.meta.dirname, "../../schemas/glad.schema.json");
  const written = JSON.parse(readFileSync(file, "utf8")) as unknown;
  expect(written, "run `npm run schema`").toEqual(JSON.parse(JSON.stringify(configJsonSchema)));
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
