import {
  applyEdits,
  type Edit,
  findNodeAtLocation,
  getNodeValue,
  type Node,
} from "jsonc-parser/lib/esm/main.js";
import { jsonTree } from "../../protocol/jsonTree";
import { type Belongings, commentsBefore, commentsIn } from "./belongings";
import { commaFrom } from "./commaFrom";

/** Keys and positions of a value in a text of JSON with comments. */
export type Keys = readonly (string | number)[];

/** A text of JSON with comments, with another value at a path; undefined leaves it out. All comments and the layout stay. */
export function withValue(text: string, path: Keys, value: unknown): string {
  const node = nodeAt(text, path);
  if (value === undefined)
    return node?.parent ? applyEdits(text, removal(text, wholeOf(node))) : text;
  // A list that is to lack some of its items loses these alone, and keeps what is said of the others.
  const lacking = node && itemsLeftOut(node, value);
  if (lacking)
    return lacking.reduceRight((rest, item) => withValue(rest, [...path, item], undefined), text);
  return withText(text, path, inline(value));
}

/** A text with what is written somewhere else, or was made, as the value at a path. */
function withText(text: string, path: Keys, written: string): string {
  const node = nodeAt(text, path);
  if (node) {
    // What is said within a list or a section is said of what comes in its place.
    const comments = commentsIn(text.slice(node.offset, node.offset + node.length));
    const before = commentsBefore(comments, `${indentAt(text, node.offset)}  `);
    return applyEdits(text, [replacement(node, before + written)]);
  }
  const room = roomFor(text, path, written);
  return room ? applyEdits(text, [insertion(text, room.section, room.content)]) : text;
}

/** The innermost section that is written around a path, and the property of it that is missing. */
export function roomFor(
  text: string,
  path: Keys,
  written: string,
): { section: Node; content: string } | null {
  for (let count = path.length - 1; count >= 0; count--) {
    const section = nodeAt(text, path.slice(0, count));
    if (section?.type !== "object") continue;
    const whole = path
      .slice(count + 1)
      .reduceRight<string>((inner, key) => `{ ${named(key, inner)} }`, written);
    return { section, content: named(path[count]!, whole) };
  }
  return null;
}

/** A text with another name for the key at a path. */
export function withKey(text: string, path: Keys, key: string): string {
  const node = nodeAt(text, path);
  if (node?.parent?.type !== "property") return text;
  return applyEdits(text, [replacement(node.parent.children![0]!, JSON.stringify(key))]);
}

/** `"shots": [1, 2]` */
export function property(key: string | number, value: unknown): string {
  return named(key, inline(value));
}

function named(key: string | number, written: string): string {
  return `${JSON.stringify(String(key))}: ${written}`;
}

/** A value on one line, as a person writes it. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = Object.entries(value).map(([key, each]) => property(key, each));
  return inner.length === 0 ? "{}" : `{ ${inner.join(", ")} }`;
}

/** What is written at a path. */
export function nodeAt(text: string, path: Keys): Node | undefined {
  const tree = jsonTree(text);
  return tree && findNodeAtLocation(tree, [...path]);
}

/** The positions in a written list of what a value lacks that is otherwise the same list; null where it is another. */
function itemsLeftOut({ type, children = [] }: Node, value: unknown): number[] | null {
  if (type !== "array" || !Array.isArray(value) || value.length >= children.length) return null;
  const kept = value.map(inline);
  const lacking = children.flatMap((item, i) => {
    if (inline(getNodeValue(item)) !== kept[0]) return i;
    kept.shift();
    return [];
  });
  return kept.length === 0 ? lacking : null;
}

/** Puts something else in the place of what is written. */
export function replacement({ offset, length }: Node, content: string): Edit {
  return { offset, length, content };
}

/** Puts a property before the others of an object: there no comma is missing and no comment stands between. */
export function insertion(text: string, { offset, children = [] }: Node, content: string): Edit {
  const inside = offset + 1;
  const [first] = children;
  if (!first) {
    const end = text[inside] === "}" ? " " : "";
    return { offset: inside, length: 0, content: ` ${content}${end}` };
  }
  // To the end of the line, or of the comment that ends on another one.
  const before = text.slice(inside, first.offset);
  const [line] = /^(?:[^\S\r\n]|\/\*[^]*?\*\/)*(?:\/\/[^\r\n]*)?/.exec(before)!;
  if (line === before) return { offset: first.offset, length: 0, content: `${content}, ` };
  return {
    offset: inside + line.length,
    length: 0,
    content: `\n${indentAt(text, first.offset)}${content},`,
  };
}

/** The blanks that a line begins with. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1))![0];
}

function wholeOf(node: Node): Node {
  return node.parent!.type === "property" ? node.parent! : node;
}

/**
 * Takes a property or an item out, with its comma, and with its line where nothing else stands there; where what belongs to it is
 * named, with that.
 */
export function removal(text: string, whole: Node, belongings?: Belongings): Edit[] {
  const siblings = whole.parent!.children!;
  const before = siblings[siblings.indexOf(whole) - 1];
  const end = whole.offset + whole.length;
  const after = commaFrom(text, end);
  // Of the last one the comma stands before it.
  const comma = after ?? (before ? commaFrom(text, before.offset + before.length) : null);
  // What is said between it and its comma stays.
  const isBeside = after !== null && text.slice(end, after).trim() === "";
  const first = belongings?.start ?? whole.offset;
  const last = belongings?.end ?? (isBeside ? after + 1 : end);
  const isNear = after !== null && after < last;
  const lineStart = text.lastIndexOf("\n", first - 1) + 1;
  const newLine = text.indexOf("\n", last);
  const rest = text.slice(last, newLine < 0 ? text.length : newLine);
  const isAlone = newLine >= 0 && (text.slice(lineStart, first) + rest).trim() === "";
  const blanksBefore = /[ \t]*$/.exec(text.slice(lineStart, first))![0].length;
  const own: [number, number] =
    after === null ? [first - blanksBefore, last] : [first, last + blanksFrom(text, last)];
  const parts: [number, number][] = [isAlone ? [lineStart, newLine + 1] : own];
  if (comma !== null && !isNear)
    parts.push(
      after === null ? [comma, comma + 1] : [comma, comma + 1 + blanksFrom(text, comma + 1)],
    );
  return parts.map(([from, to]) => ({ offset: from, length: to - from, content: "" }));
}

function blanksFrom(text: string, offset: number): number {
  return /^[ \t]*/.exec(text.slice(offset))![0].length;
}
