import type * as z from "zod";
import { isSlip, meantBy, nearest } from "../util/nearest";
import { choices, type Field, fieldAt, keysAt, phrase, settingNames, takes } from "./configFields";

export type Path = readonly PropertyKey[];

/** Says where the value of a path was written, e.g. `glad.json, line 4` or `--set lora.rank=0`. */
export type Locate = (path: Path) => string;

type Issue = z.core.$ZodIssue;

/**
 * One sentence for each thing that is wrong with a configuration: where, which field, what was found, what is expected
 * and how to mend it. `value` is what was validated.
 */
export function configSentences(
  issues: readonly Issue[],
  value: unknown,
  locate: Locate,
): string[] {
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => unknownKey(issue.path, key, value, locate))
      : [wrongValue(deepest(issue), value, locate)],
  );
}

/** What people call settings elsewhere, by our names. */
const otherNames: Record<string, string> = {
  epochs: "training.steps",
  iterations: "training.steps",
  iters: "training.steps",
  lr: "optimizer.learningRate",
  wd: "optimizer.weightDecay",
  backbone: "model",
};

/** Of a union the failures of that part which got furthest: a list with one wrong item is to be told by the item. */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  for (const part of issue.errors)
    for (const inner of part)
      if (inner.path.length > 0) return deepest({ ...inner, path: [...issue.path, ...inner.path] });
  return issue;
}

function wrongValue(issue: Issue, value: unknown, locate: Locate): string {
  const { path } = issue;
  const at = `${locate(path)}: ${path.length === 0 ? "the configuration" : dotted(path)}`;
  const found = valueAt(value, path);
  const field = fieldAt(path) ?? {};
  if (found === undefined)
    return `${at} is missing, expected ${phrase(field)}; ${mend(path, found)}`;
  // Our own rules (a pattern, a check) say best what they want.
  const own = issue.code === "custom" || issue.code === "invalid_format";
  const expected = own ? `but it ${issue.message}` : `expected ${phrase(field)}`;
  const meant = meantValue(found, issue, field);
  const how = meant === null ? mend(path, found) : `did you mean "${meant}"?`;
  return `${at} is ${shown(found)}, ${expected}; ${how}`;
}

/** The allowed text that was probably meant by a wrong value: one of the field's, or of those that our own rule's words quote. */
export function meantValue(found: unknown, issue: Issue, field: Field | undefined): string | null {
  if (typeof found !== "string") return null;
  const quoted = [...issue.message.matchAll(/"([a-z-]+)"/g)].map(([, text]) => text!);
  const own = issue.code === "custom" || issue.code === "invalid_format";
  return meantBy(found, own ? quoted : choices(field ?? {}));
}

function unknownKey(section: Path, key: string, value: unknown, locate: Locate): string {
  const at = locate([...section, key]);
  const where = section.length === 0 ? "" : ` of "${dotted(section)}"`;
  const parts = key.split(".");
  // Sweeps and --set take dotted names.
  if (parts.length > 1 && fieldAt([...section, ...parts]) !== undefined)
    return `${at}: "${key}" is not a setting${where}; write ${inSections(parts, valueAt(value, [...section, key]))}`;
  const siblings = keysAt(section).filter((name) => name !== "$schema");
  // A key that stands in the wrong section is named with its own.
  const prefix = section.length === 0 ? "" : `${dotted(section)}.`;
  const elsewhere = settingNames().filter((name) => !name.startsWith(prefix) || prefix === "");
  const moved = nearest(key, elsewhere.map(leaf));
  const own = nearest(key, siblings)!;
  const other = elsewhere.find((name) => leaf(name) === moved?.name);
  const best =
    moved && other && moved.distance < own.distance && isSlip(key, moved.distance)
      ? { name: other, distance: moved.distance }
      : own;
  const same = otherNames[key.toLowerCase()];
  const hint =
    same !== undefined || isSlip(key, best.distance)
      ? `did you mean "${same ?? best.name}"?`
      : `the nearest is "${best.name}", and all${where || " of them"} are ${siblings.join(", ")}`;
  return `${at}: "${key}" is not a setting${where}; ${hint}`;
}

/** `"lora": { "rank": 4 }` */
function inSections([first, ...rest]: readonly string[], value: unknown): string {
  const inner = rest.length === 0 ? shown(value) : `{ ${inSections(rest, value)} }`;
  return `${JSON.stringify(first)}: ${inner}`;
}

/** The setting whose dotted name is nearest to what was written: by its last part where that is meant, else as a whole. */
export function nearestSetting(written: string): string {
  const names = settingNames();
  const last = leaf(written);
  const same = otherNames[last.toLowerCase()];
  if (same !== undefined) return same;
  const whole = nearest(written, names)!;
  const byLeaf = nearest(last, names.map(leaf))!;
  if (isSlip(written, whole.distance) || !isSlip(last, byLeaf.distance)) return whole.name;
  return names.find((name) => leaf(name) === byLeaf.name)!;
}

function mend(path: Path, found: unknown): string {
  const field = fieldAt(path) ?? {};
  if (typeof found === "string" && found.trim() !== "" && !takesText(path)) {
    const bare = takes(field, "number") && Number.isFinite(Number(found));
    if (bare || (takes(field, "boolean") && /^(true|false)$/.test(found)))
      return `write ${found} without the quotes`;
  }
  const verb = found === undefined ? "give it" : "change it";
  if (field.default === undefined) return verb;
  // The default of a section is what it becomes when nothing is said.
  if (typeof field.default === "object" && !Array.isArray(field.default) && field.default !== null)
    return `${verb}, or leave it out for the defaults`;
  return `${verb}, or leave it out for the default ${JSON.stringify(field.default)}`;
}

function takesText(path: Path): boolean {
  return (fieldAt(path)?.type ?? "") === "string";
}

function leaf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** `lora.targets[1]` */
export function dotted(path: Path): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`))
    .join("");
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) found = (found as Record<PropertyKey, unknown> | undefined)?.[key];
  return found;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
