import type * as z from "zod";
import { choices, type Field, phrase, takes } from "./configFields";
import type { Fault, Mend, Path } from "./fault";
import { allowedValues, likelyValues, meantText, readText } from "./likelyValues";

export type Issue = z.core.$ZodIssue;

/** The rules of a kind of file, by which its values are judged. */
export interface Rules {
  /** What the whole is called. */
  whole: string;
  fieldAt(path: Path): Field | undefined;
  /** What is wrong with a whole value. */
  issues(value: unknown): readonly Issue[];
  /** What may be put where something is missing that has no default; undefined where nothing can be told. */
  placeholder?(path: Path): unknown;
}

/** An issue as what is told of it: of a union the issues of that part which got furthest, so that one wrong item is told by itself. */
export function told(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.find((part) =>
    part.some(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  if (!meant) return [issue];
  return meant.flatMap((inner) => told({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** What is wrong with the value at an issue's place: what was found, what is expected and how to mend it. */
export function valueFault(issue: Issue, whole: unknown, rules: Rules): Fault {
  const path = issue.path as Fault["path"];
  const name = path.length === 0 ? rules.whole : dotted(path);
  const found = valueAt(whole, path);
  const known = rules.fieldAt(path);
  const field = known ?? {};
  const own = issue.code === "custom" || issue.code === "invalid_format";
  // The texts of the field, or those that our own rule's words quote.
  const named = own
    ? [...issue.message.matchAll(/"([a-z-]+)"/g)].map(([, text]) => text!)
    : choices(field);
  const mends = mendsOf(path, found, { field, named, whole, rules });
  if (found === undefined) {
    const message = `${name} is missing, expected ${phrase(field)}; ${advice(path, found, field)}`;
    return { path, message, mends };
  }
  // Our own rules (a pattern, a check) say best what they want.
  const expected = own || !known ? `but it ${issue.message}` : `expected ${phrase(field, found)}`;
  const meant = typeof found === "string" ? meantText(found, named) : null;
  const how = meant === null ? advice(path, found, field) : `did you mean "${meant}"?`;
  return { path, message: `${name} is ${shown(found)}, ${expected}; ${how}`, mends };
}

interface Place {
  field: Field;
  named: readonly string[];
  whole: unknown;
  rules: Rules;
}

function mendsOf(path: Fault["path"], found: unknown, place: Place): Mend[] {
  const { field, named } = place;
  const fits = (value: unknown): boolean => isTaken(path, value, place);
  const proposed =
    found === undefined
      ? [place.rules.placeholder?.(path)].filter((value) => value !== undefined)
      : likelyValues(found, field, named);
  const likely = proposed.filter(fits);
  const shownAlready = new Set(likely.map((value) => JSON.stringify(value)));
  const others = allowedValues(field, named).filter(
    (value) => !shownAlready.has(JSON.stringify(value)) && fits(value),
  );
  const optional = field.default !== undefined && found !== undefined;
  return [
    ...likely.slice(0, 3).map((value): Mend => ({ kind: "value", value })),
    ...others.map((value): Mend => ({ kind: "value", value, isGuess: true })),
    ...(optional && typeof path.at(-1) === "string" ? [{ kind: "leaveOut" } as const] : []),
  ];
}

/** Whether the rules have nothing against a value at a place, whatever they have against others. */
function isTaken(path: Fault["path"], value: unknown, { whole, rules }: Place): boolean {
  const changed = structuredClone(whole);
  const section = valueAt(changed, path.slice(0, -1));
  if (path.length === 0 || typeof section !== "object" || section === null) return false;
  (section as Record<PropertyKey, unknown>)[path.at(-1)!] = value;
  const issues = rules.issues(changed).flatMap(told);
  return !issues.some((issue) => path.every((key, i) => issue.path[i] === key));
}

function advice(path: Fault["path"], found: unknown, field: Field): string {
  if (typeof found === "string" && field.type !== "string") {
    const [meant] = readText(found);
    const isNumber = Number.isFinite(meant) && takes(field, "number");
    if (isNumber || (typeof meant === "boolean" && takes(field, "boolean")))
      return `write ${String(meant)} without the quotes`;
  }
  const verb = found === undefined ? "give it" : "change it";
  if (field.default === undefined || typeof path.at(-1) !== "string") return verb;
  // The default of a section is what it becomes when nothing is said.
  if (typeof field.default === "object" && !Array.isArray(field.default) && field.default !== null)
    return `${verb}, or leave it out for the defaults`;
  return `${verb}, or leave it out for the default ${JSON.stringify(field.default)}`;
}

/** `lora.targets[1]` */
export function dotted(path: Path): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`))
    .join("");
}

/** What a whole says at a path; undefined where it says nothing. */
export function valueAt(whole: unknown, path: Path): unknown {
  let found = whole;
  for (const key of path) found = (found as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return found;
}

/** A value as a sentence shows it. */
export function shown(value: unknown): string {
  // JSON has no word for a number that was written too large (1e400).
  const text = isInfinite(value)
    ? String(value)
    : JSON.stringify(value, (_key, part: unknown) => (isInfinite(part) ? String(part) : part));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function isInfinite(value: unknown): boolean {
  return typeof value === "number" && !Number.isFinite(value);
}
