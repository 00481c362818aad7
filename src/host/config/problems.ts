import {
  applyEdits,
  findNodeAtLocation,
  modify,
  type Node,
  parseTree,
} from "jsonc-parser/lib/esm/main.js";
import type { ConfigFinding } from "../../protocol/configFinding";
import { parseConfig } from "../../protocol/parseConfig";
import { UserError } from "../../util/errors";

/** One thing that is wrong with a configuration, and where. */
export interface Problem {
  message: string;
  /** Characters from the beginning of the text. */
  offset: number;
  length: number;
  /** The key or text that was probably meant, to be put in place of what is there (with its quotes); null where there is none. */
  replacement: string | null;
}

/** A finding of `glad config check` at its place in the text. */
export interface PlacedFinding extends ConfigFinding {
  offset: number;
  length: number;
}

/** Where the findings of a configuration stand: at their settings, or at the nearest section above that is written. */
export function placeFindings(findings: readonly ConfigFinding[], text: string): PlacedFinding[] {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  return findings.map((finding) => ({ ...finding, ...placeOf(finding.setting, tree) }));
}

/** The value of a setting; of a section its key, which is short; of the whole its opening brace. */
function placeOf(setting: string, tree: Node | undefined): { offset: number; length: number } {
  const node = tree && deepestNode(tree, pathOf(setting));
  if (!node || node === tree) return { offset: tree?.offset ?? 0, length: 1 };
  const key = node.parent?.type === "property" ? node.parent.children![0]! : null;
  const { offset, length } = node.type === "object" && key ? key : node;
  return { offset, length };
}

/** The value at a path, or the innermost around it that is written; sweeps have dotted names as keys. */
function deepestNode(node: Node, path: readonly (string | number)[]): Node {
  for (let count = 1; count <= path.length; count++) {
    const key = count === 1 ? path[0]! : path.slice(0, count).join(".");
    const inner = findNodeAtLocation(node, [key]);
    if (inner) return deepestNode(inner, path.slice(count));
  }
  return node;
}

/** The text with other values of some settings (dotted names; undefined leaves one out); comments and layout stay. */
export function withValues(text: string, values: Readonly<Record<string, unknown>>): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: "\n" };
  return Object.entries(values).reduce(
    (changed, [setting, value]) =>
      applyEdits(changed, modify(changed, pathOf(setting), value, { formattingOptions })),
    text,
  );
}

/** `evaluation.targets.1` -> ["evaluation", "targets", 1] */
function pathOf(setting: string): (string | number)[] {
  if (setting === "") return [];
  return setting.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** What is wrong with the text of a configuration, by the same rules and in the same words as the command line. */
export function configProblems(text: string): Problem[] {
  try {
    parseConfig(text, "");
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return placeSentences(error.message, text);
  }
}

/** The sentences of a parser that was given the text without a file's name, with the characters that they are about. */
export function placeSentences(sentences: string, text: string): Problem[] {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const problems = sentences.split("\n").map((sentence) => place(sentence, text, tree));
  return problems.sort((a, b) => a.offset - b.offset);
}

/** Sentences begin with `, line 4: `, where a line is known, and then name the setting or the key. */
function place(sentence: string, text: string, tree: Node | undefined): Problem {
  const parts = /^(?:, line (\d+))?: (.*)$/.exec(sentence);
  const [line, message] = [parts?.[1], parts?.[2] ?? sentence];
  const start = line === undefined ? 0 : lineStart(text, Number(line));
  const unknown = /^"([^"]+)" is (?:not a setting|given a second time)/.exec(message);
  const key = unknown ? text.indexOf(`"${unknown[1]!}"`, start) : -1;
  if (unknown && key >= 0) {
    const meant = /did you mean "([^"]+)"\?$/.exec(message)?.[1] ?? null;
    // A setting of another section cannot be put here.
    const replacement = meant === null || meant.includes(".") ? null : `"${meant}"`;
    return { message: message, offset: key, length: unknown[1]!.length + 2, replacement };
  }
  const path = /^([A-Za-z$]+(?:[.[][\w\]]+)*) /.exec(message)?.[1];
  const node = path && tree && findNodeAtLocation(tree, segments(path));
  if (node) {
    const replacement = /; did you mean ("[^"]+")\?$/.exec(message)?.[1] ?? null;
    return { message: message, offset: node.offset, length: node.length, replacement };
  }
  const end = text.indexOf("\n", start);
  const whole = (end < 0 ? text.length : end) - start;
  const indent = /^\s*/.exec(text.slice(start, start + whole))![0].length;
  return { message: message, offset: start + indent, length: whole - indent, replacement: null };
}

function lineStart(text: string, line: number): number {
  const lines = text.split("\n");
  return lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
}

/** `lora.targets[1]` -> ["lora", "targets", 1] */
function segments(path: string): (string | number)[] {
  return [...path.matchAll(/([A-Za-z$]\w*)|\[(\d+)\]/g)].map(
    ([, name, index]) => name ?? Number(index),
  );
}
