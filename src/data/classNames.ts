import { plural } from "../util/text";
import type { NameRule } from "./sets/dataSet";
import type { SplitLists } from "./types";

/** A class's name as it goes into the prompt, from the name of its folder: spaces for underscores and dashes, Unicode NFC, case kept. */
export function cleanClassName(folder: string): string {
  return folder
    .normalize("NFC")
    .replace(/[_\-\s]+/g, " ")
    .trim();
}

/**
 * Sentences about names that CLIP's text encoder can make little of, for names as they go into the prompt. Where they
 * follow a publisher's rule (`ruled`), only names that several classes share are told.
 */
export function classNameSurprises(names: readonly string[], ruled = false): string[] {
  const remarks: { applies: (name: string) => boolean; says: string }[] = [
    {
      applies: (name) => /^\d+$/.test(name),
      says: "only digits, which tell CLIP nothing of what is seen",
    },
    { applies: (name) => /^n\d{8}$/.test(name), says: "a WordNet number instead of a word" },
    {
      applies: (name) => /^\d+[. ]+\D/.test(name),
      says: "a number in front, which becomes part of the prompt",
    },
    { applies: (name) => /\p{Cc}/u.test(name), says: "a control character" },
    {
      applies: (name) => /[^\x00-\x7F]/.test(name) && !/\p{Cc}/u.test(name), // eslint-disable-line no-control-regex
      says: "letters outside of ASCII; CLIP was trained on English text",
    },
    {
      applies: (name) => name.length > 100,
      says: "more than 100 characters, which may be cut off",
    },
  ];
  const found = (ruled ? [] : remarks).flatMap(({ applies, says }) => {
    const hits = names.filter(applies);
    if (hits.length === 0) return [];
    return [`${plural(hits.length, "class name")} with ${says}: ${quoted(hits)}`];
  });
  const twins = sameNames(names);
  if (twins.length > 0) {
    found.push(
      `${plural(twins.length, "class name")} shared by several classes, which CLIP cannot tell apart: ${quoted(twins)}`,
    );
  }
  return found;
}

/** Classes whose name is not the one that the publisher's rule gives some image of theirs: label and expected name. */
export function unexpectedNames(lists: SplitLists, rule: NameRule): Map<number, string> {
  const found = new Map<number, string>();
  for (const part of [lists.train, lists.val, lists.test]) {
    for (const { path, label } of part) {
      const name = lists.sourceNames[label]!;
      const expected = rule({ path, label, name });
      if (expected !== null && expected !== name) found.set(label, expected);
    }
  }
  return found;
}

/** Names that two or more classes have, compared without case because CLIP's tokenizer lowers it. */
export function sameNames(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name);
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name));
  return shown.join(", ") + (names.length > 3 ? ", ..." : "");
}
