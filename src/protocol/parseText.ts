import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  printParseErrorCode,
} from "jsonc-parser/lib/esm/main.js";
import { isWebPage } from "../util/jsonFile";
import { isTooDeep, mostLevels } from "../util/nesting";
import { type Fault, FaultyText, type Path } from "./fault";
import { jsonTree } from "./jsonTree";

/**
 * The tree of a text that holds one object in JSON with comments; anything else is a FaultyText that names `file`. `begin` says how to
 * begin where there is nothing yet.
 */
export function parseText(text: string, file: string, begin: string): Node {
  const refuse = (fault: Omit<Fault, "path">, where = ""): never => {
    throw new FaultyText(
      [{ path: [], isWhole: true, ...fault }],
      ({ message }) => `${file}${where}: ${message}`,
    );
  };
  if (isWebPage(text))
    return refuse({
      message:
        "is a web page (HTML), expected a configuration in JSON; save the file itself, not the page that shows it",
    });
  if (isTooDeep(text))
    return refuse({
      message: `is nested more than ${mostLevels} levels deep, too deeply to be a configuration; write settings as "name": value in braces`,
    });
  const errors: ParseError[] = [];
  const tree = jsonTree(text, errors);
  const [error] = errors;
  if (error)
    return refuse(
      {
        at: lineAround(text, error.offset),
        isSyntax: true,
        message: `is not valid JSON, ${described(printParseErrorCode(error.error))}; write settings as "name": value in braces, separated by commas`,
      },
      at(text, error.offset),
    );
  if (!tree) {
    const message = `is empty: ${begin}`;
    throw new FaultyText([{ path: [], isWhole: true, message }], () => `${file} ${message}`);
  }
  if (tree.type !== "object")
    return refuse({
      message: `holds ${tree.type === "array" ? "a list" : `a ${tree.type}`}, expected an object in braces; write settings as "name": value in braces`,
    });
  const twice = doubleKeys(tree);
  if (twice.length > 0)
    throw new FaultyText(
      twice,
      (fault) => `${file}${at(text, fault.at!.offset)}: ${fault.message}`,
    );
  return tree;
}

/** JSON lets the later of two equal keys win without a word, which hides a setting from whoever reads the file. */
function doubleKeys(node: Node): Fault[] {
  const seen = new Set<unknown>();
  return (node.children ?? []).flatMap((child) => {
    const within = doubleKeys(child);
    if (node.type !== "object") return within;
    const key = child.children![0]!;
    const isTwice = seen.has(key.value);
    seen.add(key.value);
    if (!isTwice) return within;
    const message = `"${String(key.value)}" is given a second time; keep one of the two`;
    return [{ path: [], at: { offset: key.offset, length: key.length }, message }, ...within];
  });
}

/** `CommaExpected` -> `comma expected`. */
function described(code: string): string {
  return code
    .replace(/([A-Z])/g, " $1")
    .trim()
    .toLowerCase();
}

/** The line around a place, without blanks. */
function lineAround(text: string, offset: number): { offset: number; length: number } {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end < 0 ? text.length : end);
  const indent = /^\s*/.exec(line)![0].length;
  return { offset: start + indent, length: line.trimEnd().length - indent };
}

/** `, line 3` for the place where the value of a path was written; "" where it was not. */
export function lineOf(text: string, tree: Node, path: Path): string {
  const offset = offsetOf(tree, path);
  return offset === null ? "" : at(text, offset);
}

/** Where the value of a path, or the innermost of what is around it, was written; null where nothing of it was. */
export function offsetOf(tree: Node, path: Path): number | null {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length) as (string | number)[]);
    // The key is the first child of the property that holds the value.
    if (node) return (node.parent?.type === "property" ? node.parent : node).offset;
  }
  return null;
}

function at(text: string, offset: number): string {
  return `, line ${text.slice(0, offset).split("\n").length}`;
}
