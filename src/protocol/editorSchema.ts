import { configJsonSchema, type Field, phrase } from "./configFields";
import { examples, pieces, recipes } from "./recipes";

/** The keywords beyond JSON Schema that VS Code's editor understands. */
export interface EditorField extends Field {
  $schema?: string;
  /** What is shown while the mouse rests on a key, and beside a proposal. */
  markdownDescription?: string;
  defaultSnippets?: readonly unknown[];
  examples?: readonly unknown[];
  allowComments?: boolean;
  allowTrailingCommas?: boolean;
  properties?: Record<string, EditorField>;
  items?: EditorField | false;
  anyOf?: EditorField[];
  oneOf?: EditorField[];
}

/** The JSON schema of glad.json for an editor: with texts that name defaults and what is allowed, and with snippets. */
export function editorSchema(): EditorField {
  const schema = explained(configJsonSchema());
  return {
    ...schema,
    allowComments: true,
    allowTrailingCommas: true,
    defaultSnippets: recipes,
  };
}

/** A schema as it is shipped. */
export interface ShippedSchema extends Omit<EditorField, "properties"> {
  if: EditorField;
}

/**
 * A schema by which an editor completes and explains, and marks nothing: GLAD marks the same faults in its own words, with fixes.
 * A condition that nothing follows from makes no text wrong; the editor looks into it all the same.
 */
export function withoutMarks(schema: EditorField): ShippedSchema {
  const { $schema, description, allowComments, allowTrailingCommas, defaultSnippets, ...rules } =
    schema;
  const whole = { $schema, description, allowComments, allowTrailingCommas, defaultSnippets };
  return { ...whole, if: rules };
}

/** A field, and all fields in it, with the texts and proposals of an editor. `name` is its dotted name. */
export function explained(field: Field, name = ""): EditorField {
  const made = within(field, name);
  if (field.description && name !== "") made.markdownDescription = hoverText(field, name);
  if (pieces[name]) made.defaultSnippets = pieces[name];
  if (examples[name]) made.examples = examples[name];
  return made;
}

/** A field with the texts of all fields in it; the parts of a union and the items of a list have no name of their own. */
function within(field: Field, name: string): EditorField {
  const { properties, items, anyOf, oneOf, ...rest } = field;
  const made: EditorField = { ...rest };
  if (properties)
    made.properties = Object.fromEntries(
      Object.entries(properties).map(([key, inner]) => [
        key,
        explained(inner, name === "" ? key : `${name}.${key}`),
      ]),
    );
  if (items !== undefined) made.items = items && within(items, name);
  if (anyOf) made.anyOf = anyOf.map((part) => within(part, name));
  if (oneOf) made.oneOf = oneOf.map((part) => within(part, name));
  return made;
}

/** The description, what is taken and what is taken where nothing is said. */
export function hoverText(field: Field, name: string): string {
  const { description = "", default: usual } = field;
  const isSection = [field, ...(field.anyOf ?? []), ...(field.oneOf ?? [])].some(
    ({ properties }) => properties,
  );
  const lines = [`**${name}** — ${description}`];
  // A word that tells kinds of objects apart is one of several, which the description names.
  if (!isSection && field.const === undefined) lines.push(`Takes ${phrase(field)}.`);
  if (usual !== undefined && !isEmptySection(usual))
    lines.push(`Default: \`${JSON.stringify(usual)}\``);
  return lines.join("\n\n");
}

function isEmptySection(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
