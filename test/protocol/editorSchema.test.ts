import { expect, test } from "vitest";
import { dataSets, trainedSets } from "../../src/data/sets/index";
import { configSchema } from "../../src/protocol/config";
import { configJsonSchema, fieldAt, settingNames } from "../../src/protocol/configFields";
import { type EditorField, editorSchema } from "../../src/protocol/editorSchema";
import { experimentEditorSchema } from "../../src/protocol/experimentEditorSchema";
import { parseConfig } from "../../src/protocol/parseConfig";
import {
  pieces,
  type Recipe,
  recipes,
  testedNames,
  trainedNames,
} from "../../src/protocol/recipes";

const schema = editorSchema();
const executor = experimentEditorSchema().properties!.executor!;

/** All keys of a schema with their dotted names. */
function fields(field: EditorField, prefix = ""): [string, EditorField][] {
  const parts = [...(field.anyOf ?? []), ...(field.oneOf ?? [])];
  const inner = [field, ...parts, ...(field.items ? [field.items] : [])];
  return inner.flatMap(({ properties, items }) => [
    ...(items && items !== field.items ? fields({ items }, prefix) : []),
    ...Object.entries(properties ?? {}).flatMap(([key, value]): [string, EditorField][] => [
      [prefix + key, value],
      ...fields(value, `${prefix}${key}.`),
    ]),
  ]);
}

test("every key says what it is, what it takes and what its default is", () => {
  const ofExecutor = fields(executor, "executor.");
  expect(ofExecutor.map(([name]) => name)).toEqual(
    expect.arrayContaining(["executor.kind", "executor.retries", "executor.partition"]),
  );
  const all = [...fields(schema), ...ofExecutor];
  expect(all.length).toBeGreaterThan(60);
  for (const [name, { markdownDescription = "", description, default: usual }] of all) {
    expect(description, name).toMatch(/^\S.*\.$/s);
    expect(markdownDescription, name).toContain(description!);
    expect(markdownDescription.startsWith(`**${name}** — `), name).toBe(true);
    const isSection = JSON.stringify(usual) === "{}";
    if (usual !== undefined && !isSection)
      expect(markdownDescription, name).toContain(`Default: \`${JSON.stringify(usual)}\``);
  }
});

test("the defaults that are told are those that are taken", () => {
  const taken: unknown = configSchema.parse({});
  for (const name of settingNames().filter((each) => each !== "$schema")) {
    const path = name.split(".");
    // Those within a list or a section that is null by default have nothing to be compared with.
    const value = path.reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | null | undefined)?.[key],
      taken,
    );
    if (value !== undefined) expect(fieldAt(path)?.default, name).toEqual(value);
  }
});

/** A snippet as it is put into the file when every place to type into is left as proposed. */
function filled(body: unknown): string {
  return JSON.stringify(body, null, 2)
    .replaceAll(/"\^\$\{\d+:([^}]*)\}"/g, "$1")
    .replaceAll(/\$\{\d+:([^}]*)\}/g, "$1");
}

test.each(recipes.map((recipe) => [recipe.label, recipe] as const))(
  "the snippet %s is a right configuration",
  (_, { body }) => {
    expect(() => parseConfig(filled(body), "glad.json")).not.toThrow();
  },
);

test.each(
  Object.entries(pieces).flatMap(([name, own]) => own.map((piece) => [name, piece] as const)),
)("a snippet for %s is right there", (name, { body }: Recipe) => {
  const keys = name.split(".");
  const whole = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), body);
  // Early stopping needs evaluations.
  const text = filled(whole).replace('"earlyStop"', '"every": 100, "earlyStop"');
  expect(() => parseConfig(text, "glad.json")).not.toThrow();
  expect(fieldAt(keys, configJsonSchema())).toBeDefined();
});

test("the data sets that are proposed are those that can be read", () => {
  expect([...trainedNames]).toEqual(trainedSets.map(({ name }) => name));
  expect([...trainedNames, ...testedNames]).toEqual(dataSets.map(({ name }) => name));
});
