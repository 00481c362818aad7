import * as z from "zod";
import { once } from "../util/once";
import { configSchema } from "./config";

/** The JSON schema of glad.json, made from the zod schema; an editor completes and checks by it. */
export const configJsonSchema = once(() => z.toJSONSchema(configSchema, { io: "input" }) as Field);

/** One field of the configuration as JSON Schema describes it: the keywords that our schema uses. */
export interface Field {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Field[];
  /** The kinds of an object that a "kind" in it tells apart. */
  oneOf?: Field[];
  /** What every value is of an object whose keys are free. */
  additionalProperties?: Field | boolean;
  properties?: Record<string, Field>;
  items?: Field | false;
  prefixItems?: Field[];
  minItems?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

/** The field at a path of keys and list positions; undefined where there is none. `root` is glad.json's schema by default. */
export function fieldAt(
  path: readonly PropertyKey[],
  root: Field = configJsonSchema(),
): Field | undefined {
  let found: Field | undefined = root;
  for (const key of path) found = found && inside(found, key);
  return found;
}

function inside(field: Field, key: PropertyKey): Field | undefined {
  const own =
    typeof key === "number"
      ? (field.prefixItems?.[key] ?? (field.items || undefined))
      : (property(field, String(key)) ?? freeKey(field));
  if (own) return own;
  return [...(field.anyOf ?? []), ...(field.oneOf ?? [])]
    .map((part) => inside(part, key))
    .find((part) => part !== undefined);
}

/** Of the schema's own: every object has a "constructor". */
function property({ properties = {} }: Field, key: string): Field | undefined {
  return Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function freeKey({ additionalProperties }: Field): Field | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** The dotted names of all settings that are not sections. */
export function settingNames(field: Field = configJsonSchema(), prefix = ""): string[] {
  return Object.entries(field.properties ?? {}).flatMap(([key, value]) => {
    const sections = [value, ...(value.anyOf ?? [])].filter((part) => part.properties);
    if (sections.length === 0) return [prefix + key];
    return sections.flatMap((part) => settingNames(part, `${prefix}${key}.`));
  });
}

/** The keys of the section at a path. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const field = fieldAt(path);
  const parts = field ? [field, ...(field.anyOf ?? [])] : [];
  return parts.flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** Whether a field takes values of a JSON type. */
export function takes(field: Field, type: "number" | "string" | "boolean"): boolean {
  if (field.anyOf) return field.anyOf.some((part) => takes(part, type));
  const types = [field.type ?? []].flat();
  return types.includes(type) || (type === "number" && types.includes("integer"));
}

/** The texts that a field takes, where they are few. */
export function choices(field: Field): string[] {
  const own = [...(field.enum ?? []), field.const].filter((value) => typeof value === "string");
  return [...own, ...(field.anyOf ?? []).flatMap(choices)];
}

/**
 * What a field takes, in words: "a whole number above 0", "\"auto\" or a whole number above 0". Where so large a number was `found`
 * that no double holds it exactly, the upper limit is said, too, which otherwise goes without saying.
 */
export function phrase(field: Field, found?: unknown): string {
  const isLarge = typeof found === "number" && Math.abs(found) > Number.MAX_SAFE_INTEGER;
  const words = alternatives(field).map((part) => article(part) + noun(part, 1, isLarge));
  // What ends with an "or" of its own comes last.
  const isLong = (word: string): boolean => / or |^a list/.test(word);
  return either([...words.filter((word) => !isLong(word)), ...words.filter(isLong)]);
}

/** The single things that a field takes one of. */
function alternatives(field: Field): Field[] {
  if (field.anyOf) return field.anyOf.flatMap(alternatives);
  if (field.enum) return field.enum.map((value) => ({ const: value }));
  if (field.const !== undefined) return [field];
  return [field.type ?? "object"].flat().map((type) => ({ ...field, type }));
}

/** What begins the word for a single thing; names and values have none. */
function article({ const: value, type }: Field): string {
  if (value !== undefined || type === "boolean" || type === "null") return "";
  return type === "object" ? "an " : "a ";
}

/** The word for one thing of a kind, or for so many of them. */
function noun(field: Field, count: number, isLarge = false): string {
  const s = count === 1 ? "" : "s";
  if (field.const !== undefined) return JSON.stringify(field.const);
  const [type = "object"] = [field.type ?? []].flat();
  switch (type) {
    case "integer":
      return `whole number${s}${range(field, isLarge)}`;
    case "number":
      return `${isLarge && !hasTop(field) ? "finite " : ""}number${s}${range(field)}`;
    case "string":
      return `text${s} in quotes`;
    case "boolean":
      return "true or false";
    case "array":
      return `list${s}${content(field)}`;
    case "null":
      return "null";
    default:
      return `object${s} in braces`;
  }
}

function hasTop({ maximum, exclusiveMaximum }: Field): boolean {
  return maximum !== undefined || exclusiveMaximum !== undefined;
}

/** What a list holds: " of at least one whole number", " of two numbers". */
function content({ prefixItems, items, minItems = 0 }: Field): string {
  if (prefixItems) {
    const [first, ...others] = prefixItems.map((item) => noun(item, prefixItems.length));
    const alike = others.every((other) => other === first);
    return alike
      ? ` of ${inWords(prefixItems.length)} ${first!}`
      : ` of ${prefixItems.map(phrase).join(", ")}`;
  }
  // A schema that says nothing takes anything.
  const anything = !items || Object.keys(items).length === 0;
  const least = ` of ${minItems === 0 ? "" : `at least ${inWords(minItems)} `}`;
  const count = minItems === 1 ? 1 : 2;
  if (anything) return minItems === 0 ? "" : `${least}value${count === 1 ? "" : "s"}`;
  const kinds = alternatives(items);
  if (kinds.every((kind) => kind.const !== undefined))
    return `${least}${minItems === 0 ? "" : "of "}${phrase(items)}`;
  if (kinds.length > 1) return `${least}${minItems === 0 ? "" : "of "}these: ${phrase(items)}`;
  return least + noun(items, count);
}

function inWords(count: number): string {
  return ["none", "one", "two", "three"][count] ?? String(count);
}

function range(
  { minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Field,
  isLarge = false,
): string {
  // zod bounds whole numbers by what a double holds exactly; nobody needs to be told unless they wrote more.
  const top = maximum === Number.MAX_SAFE_INTEGER && !isLarge ? undefined : maximum;
  if (exclusiveMinimum === undefined && minimum !== undefined && top !== undefined)
    return ` from ${minimum} to ${top}`;
  const lower =
    exclusiveMinimum !== undefined
      ? `above ${exclusiveMinimum}`
      : minimum !== undefined
        ? `of ${minimum} or more`
        : null;
  const upper =
    top !== undefined
      ? `up to ${top}`
      : exclusiveMaximum !== undefined
        ? `below ${exclusiveMaximum}`
        : null;
  return [lower, upper]
    .filter((bound) => bound !== null)
    .map((bound, i) => `${i === 0 ? " " : " and "}${bound}`)
    .join("");
}

function either(words: readonly string[]): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]!}`;
}
