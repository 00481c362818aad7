import { type Node, type ParseError, parseTree } from "jsonc-parser/lib/esm/main.js";
import { isTooDeep } from "../util/nesting";

/**
 * The tree of a text that is JSON in which comments and commas at the end are allowed. Undefined where nothing is in it, and where it
 * is nested so deeply that the parser would run out of stack.
 */
export function jsonTree(text: string, errors: ParseError[] = []): Node | undefined {
  if (isTooDeep(text)) return undefined;
  return parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
}
