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
      : (field.properties?.[String(key)] ?? freeKey(field));
  if (own) return own;
  return field.anyOf?.map((part) => inside(part, key)).find((part) => part !== undefined);
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

/** What a field takes, in words: "a whole number above 0", "\"auto\" or a whole number above 0". */
export function phrase(field: Field): string {
  if (field.anyOf) return either(field.anyOf.map(phrase));
  if (field.enum) return either(field.enum.map((value) => JSON.stringify(value)));
  if (field.const !== undefined) return JSON.stringify(field.const);
  return either([field.type ?? "object"].flat().map((type) => ofType(type, field)));
}

function ofType(type: string, field: Field): string {
  switch (type) {
    case "integer":
      return `a whole number${range(field)}`;
    case "number":
      return `a number${range(field)}`;
    case "string":
      return "a text in quotes";
    case "boolean":
      return "true or false";
    case "array":
      return list(field);
    case "null":
      return "null";
    default:
      return "an object in braces";
  }
}

function list({ prefixItems, items, minItems = 0 }: Field): string {
  if (prefixItems) return `a list of ${prefixItems.length}: ${prefixItems.map(phrase).join(", ")}`;
  const least = minItems > 0 ? `at least ${minItems}` : "";
  // A schema that says nothing takes anything.
  const anything = !items || Object.keys(items).length === 0;
  if (anything) return least === "" ? "a list" : `a list of ${least}`;
  return `a list of ${least === "" ? "" : `${least} of `}${phrase(items)}`;
}

function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Field): string {
  // zod bounds whole numbers by what a double holds exactly; nobody needs to be told.
  const top = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const upper =
    top !== undefined
      ? `to ${top}`
      : exclusiveMaximum !== undefined
        ? `to below ${exclusiveMaximum}`
        : null;
  if (exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${upper ? ` and up ${upper}` : ""}`;
  if (minimum === undefined) return upper ? ` up ${upper}` : "";
  return upper ? ` from ${minimum} ${upper}` : ` of ${minimum} or more`;
}

function either(words: readonly string[]): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]!}`;
}
