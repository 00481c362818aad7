import { meantBy } from "../util/nearest";
import { choices, type Field } from "./configFields";
import { valueCalled } from "./otherWords";

/** Sets of more values than these are not gone through. */
const fewest = 6;

/**
 * What a person may have meant by a value that a field does not take, the likeliest first. Whoever offers them tries whether the
 * field takes them. `named` are the texts that it takes.
 */
export function likelyValues(
  found: unknown,
  field: Field,
  named: readonly string[] = choices(field),
): unknown[] {
  const read = typeof found === "string" ? readText(found) : [];
  const near = typeof found === "string" ? (meantText(found, named) ?? []) : [];
  const numbers = [found, ...read].filter((value) => typeof value === "number");
  const likely = [
    ...read,
    ...[near].flat(),
    ...numbers.flatMap((number) => nearestNumbers(number, field)),
    ...(found === 0 || found === 1 ? [found === 1] : []),
    ...(typeof found === "number" || typeof found === "boolean" ? [String(found)] : []),
    ...unpacked(found, field, named),
    ...packed(found, field),
    ...ofKind(found, field),
  ];
  const told = new Map(likely.map((value) => [JSON.stringify(value), value]));
  return [...told.values()];
}

/** The one of some texts that was meant by another: it is called so elsewhere, or is nearly the same. */
export function meantText(found: string, named: readonly string[]): string | null {
  const called = valueCalled(found);
  return called !== null && named.includes(called) ? called : meantBy(found, named);
}

/** Every text that a field takes, where they are few. */
export function allowedValues(field: Field, named: readonly string[] = choices(field)): string[] {
  return named.length <= fewest ? [...named] : [];
}

/** What stands in quotes and is no text: "8", "true", and what JSON writes otherwise, as ".5", "+1" and Python's "True" and "None". */
export function readText(text: string): unknown[] {
  const bare = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare)) return [Number(bare)];
  const plain = /^(true|false|null|none)$/i.test(bare) ? bare.toLowerCase() : bare;
  try {
    const value: unknown = JSON.parse(plain === "none" ? "null" : plain);
    return typeof value === "string" ? [] : [value];
  } catch {
    return [];
  }
}

/** The nearest numbers within a field's bounds; a bound that is itself outside leaves none but the next whole number. */
function nearestNumbers(number: number, field: Field): number[] {
  if (field.anyOf) return field.anyOf.flatMap((part) => nearestNumbers(number, part));
  const isWhole = field.type === "integer";
  if (!isWhole && field.type !== "number") return [];
  const { minimum, exclusiveMinimum, maximum = Infinity } = field;
  const least =
    minimum ?? (isWhole && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : -Infinity);
  const nearest = Math.min(maximum, Math.max(least, isWhole ? Math.round(number) : number));
  return nearest === number ? [] : [nearest];
}

/** The one value of a list where no list is wanted. */
function unpacked(found: unknown, field: Field, named: readonly string[]): unknown[] {
  if (!Array.isArray(found) || found.length !== 1) return [];
  const [only] = found as unknown[];
  return [only, ...likelyValues(only, field, named)];
}

/** A list where only its one value was written, or several in one text. */
function packed(found: unknown, field: Field): unknown[] {
  if (Array.isArray(found) || found === null) return [];
  return [field, ...(field.anyOf ?? [])].flatMap(({ items }) => {
    if (!items) return [];
    const parts = typeof found === "string" && found.includes(",") ? found.split(",") : [];
    const many = parts
      .map((part) => part.trim())
      .map((part) => likelyValues(part, items)[0] ?? part);
    const one = [found, ...likelyValues(found, items)].map((value) => [value]);
    return parts.length > 0 ? [many, ...one] : one;
  });
}

/** The object of a kind of which only the name was written. */
function ofKind(found: unknown, { properties }: Field): unknown[] {
  const kinds = choices(properties?.kind ?? {});
  return typeof found === "string" && kinds.includes(found) ? [{ kind: found }] : [];
}
