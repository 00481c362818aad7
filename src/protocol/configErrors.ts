import { isSlip, nearest } from "../util/nearest";
import { configSchema } from "./config";
import { fieldAt, keysAt, settingNames } from "./configFields";
import type { Fault, Mend, Path } from "./fault";
import { settingCalled } from "./otherWords";
import { dotted, type Issue, type Rules, shown, told, valueAt, valueFault } from "./valueFault";

const rules: Rules = {
  whole: "the configuration",
  fieldAt,
  issues: (value) => configSchema.safeParse(value).error?.issues ?? [],
};

/** Everything that is wrong with a configuration by its schema; `value` is what was validated. */
export function configFaults(issues: readonly Issue[], value: unknown): Fault[] {
  return issues
    .flatMap(told)
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(issue.path as Fault["path"], key, value))
        : [valueFault(issue, value, rules)],
    );
}

function unknownKey(section: Fault["path"], key: string, value: unknown): Fault {
  const where = section.length === 0 ? "" : ` of "${dotted(section)}"`;
  const { hint, meant } = meantKey(section, key, value);
  return {
    path: [...section, key],
    ofKey: true,
    message: `"${key}" is not a setting${where}; ${hint}`,
    ...(meant && { meant }),
    mends: meant === null ? [] : mendsOfKey(section, meant, value),
  };
}

/** What is said of a key that a section does not have, and the path of what was meant. */
function meantKey(
  section: Path,
  key: string,
  value: unknown,
): { hint: string; meant: Path | null } {
  // Sweeps and --set take dotted names.
  if (key.includes(".")) return meantDotted(section, key, valueAt(value, [...section, key]));
  const siblings = keysAt(section).filter((name) => name !== "$schema");
  // A key that stands in the wrong section is named with its own.
  const prefix = section.length === 0 ? "" : `${dotted(section)}.`;
  const elsewhere = settingNames().filter((name) => !name.startsWith(prefix) || prefix === "");
  const moved = nearest(key, elsewhere.map(leaf));
  const near = nearest(key, siblings)!;
  const other = elsewhere.find((name) => leaf(name) === moved?.name);
  const called = settingCalled(key);
  if (called) {
    const { name, isSame } = called;
    // A data set that is measured as well has images of its own.
    const own = /^data\.(.+)$/.exec(name)?.[1];
    const isHere = own !== undefined && siblings.includes(own);
    const path = isHere ? [...section, own] : name.split(".");
    return { hint: `did you mean "${isHere ? own : name}"?`, meant: isSame ? path : null };
  }
  if (moved && other && moved.distance < near.distance && isSlip(key, moved.distance))
    return { hint: `did you mean "${other}"?`, meant: other.split(".") };
  if (isSlip(key, near.distance))
    return { hint: `did you mean "${near.name}"?`, meant: [...section, near.name] };
  const of = section.length === 0 ? "of them" : `of "${dotted(section)}"`;
  const hint = `the nearest is "${near.name}", and all ${of} are ${siblings.join(", ")}`;
  return { hint, meant: null };
}

/** Of a dotted name, which stands for a key in sections within this one. */
function meantDotted(
  section: Path,
  key: string,
  value: unknown,
): { hint: string; meant: Path | null } {
  const parts = key.split(".");
  if (fieldAt([...section, ...parts]) !== undefined)
    return { hint: `write ${inSections(parts, value)}`, meant: [...section, ...parts] };
  const prefix = section.length === 0 ? "" : `${dotted(section)}.`;
  const inside = settingNames().flatMap((name) =>
    name.startsWith(prefix) ? name.slice(prefix.length) : [],
  );
  const best = nearestSetting(key, inside);
  if (!best.isMeant) return { hint: hintOf(best), meant: null };
  const meant = best.name.split(".");
  return {
    hint: `${hintOf(best)} Write ${inSections(meant, value)}`,
    meant: [...section, ...meant],
  };
}

/** A key gets another name in its place, or moves to its section; not where that is given already. */
export function mendsOfKey(section: Path, meant: Path, value: unknown): Mend[] {
  if (valueAt(value, meant) !== undefined) return [{ kind: "leaveOut" }];
  const stays =
    meant.length === section.length + 1 && section.every((part, i) => part === meant[i]);
  if (stays) return [{ kind: "key", key: String(meant.at(-1)) }];
  // A section that is written as something else has no room.
  const isRoom = meant.slice(1).every((key, i) => {
    const outer = valueAt(value, meant.slice(0, i + 1));
    return typeof key === "number" || outer === undefined || isSection(outer);
  });
  return isRoom ? [{ kind: "move", to: meant }] : [];
}

function isSection(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `"lora": { "rank": 4 }` */
function inSections([first, ...rest]: readonly string[], value: unknown): string {
  const inner = rest.length === 0 ? shown(value) : `{ ${inSections(rest, value)} }`;
  return `${JSON.stringify(first)}: ${inner}`;
}

/** A setting that is near to a dotted name which is none. */
export interface NearSetting {
  name: string;
  /** Whether it can stand in its place: it was misspelt, or is called otherwise elsewhere. */
  isMeant: boolean;
}

/** The setting whose dotted name is nearest to what was written: by its last part where that is meant, else as a whole. */
export function nearestSetting(
  written: string,
  names: readonly string[] = settingNames(),
): NearSetting {
  const last = leaf(written);
  const called = settingCalled(last);
  if (called && names.includes(called.name)) return { name: called.name, isMeant: called.isSame };
  const whole = nearest(written, names)!;
  const byLeaf = nearest(last, names.map(leaf))!;
  if (isSlip(written, whole.distance)) return { name: whole.name, isMeant: true };
  if (!isSlip(last, byLeaf.distance)) return { name: whole.name, isMeant: false };
  return { name: names.find((name) => leaf(name) === byLeaf.name)!, isMeant: true };
}

/** What is said of a name that is none. */
export function hintOf({ name, isMeant }: NearSetting): string {
  return isMeant ? `did you mean "${name}"?` : `the nearest is "${name}"`;
}

function leaf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
