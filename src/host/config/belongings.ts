import { createScanner, type Node } from "jsonc-parser/lib/esm/main.js";
import { commaFrom } from "./commaFrom";

/** A property with what belongs to it: the comments directly above it, and those between it and the end of its line. */
export interface Belongings {
  /** From the first of these comments, or its key, to the last of them, or its comma. */
  start: number;
  end: number;
  /** As they are written. */
  above: string[];
  beside: string[];
}

/** What belongs to a property of an object. */
export function belongingsOf(text: string, property: Node): Belongings {
  const { offset, length, parent } = property;
  const siblings = parent!.children!;
  const before = siblings[siblings.indexOf(property) - 1];
  const end = before && before.offset + before.length;
  // After the brace, or after the comma of the one before.
  const from = end === undefined ? parent!.offset : commaFrom(text, end)!;
  const { start, above } = commentsAbove(text.slice(from + 1, offset));
  return { start: from + 1 + start, above, ...commentsBeside(text, offset + length) };
}

/** The last comments of a gap: those that no blank line parts from its end, and none that stands beside something else. */
function commentsAbove(gap: string): { start: number; above: string[] } {
  const above: string[] = [];
  let [start, breaks] = [gap.length, 0];
  for (const { 0: part, index } of [...gap.matchAll(commentOrBreak)].reverse()) {
    if (!part.startsWith("/")) breaks += 1;
    else if (breaks > 0 && !gap.slice(0, index).includes("\n")) break;
    else {
      above.unshift(part);
      [start, breaks] = [index, 0];
    }
    if (breaks > 1) break;
  }
  return { start, above };
}

const commentOrBreak = /\/\/[^\r\n]*|\/\*[^]*?\*\/|\n/g;

/** The comments on the line that a value ends on, before its comma, and after it where no other property follows there. */
function commentsBeside(text: string, end: number): { end: number; beside: string[] } {
  const inner = lineOfComments(text, end);
  const comma = end + inner.length;
  const within = { end: comma, beside: commentsIn(inner) };
  if (text[comma] !== ",") return within.beside.length > 0 ? within : { end, beside: [] };
  const outer = lineOfComments(text, comma + 1);
  const last = comma + 1 + outer.length;
  const isLineEnd = /^(\r?\n|$)/.test(text.slice(last, last + 2));
  if (!isLineEnd) return { end: comma + 1, beside: within.beside };
  return { end: last, beside: [...within.beside, ...commentsIn(outer)] };
}

/** Blanks and comments from a place to the end of its line. */
function lineOfComments(text: string, from: number): string {
  return /^(?:[^\S\r\n]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:\/\/[^\r\n]*)?/.exec(text.slice(from))![0];
}

/** The comments of a part of a text. */
export function commentsIn(part: string): string[] {
  const scanner = createScanner(part);
  const found: string[] = [];
  while (scanner.getPosition() < part.length) {
    scanner.scan();
    const token = part.slice(scanner.getTokenOffset(), scanner.getPosition());
    if (/^\/[/*]/.test(token)) found.push(token.trimEnd());
  }
  return found;
}

/** Comments as they are written before a value; after one that ends with its line comes another, with such an indent. */
export function commentsBefore(comments: readonly string[], indent: string): string {
  return comments.map((each) => each + (each.startsWith("//") ? `\n${indent}` : " ")).join("");
}
