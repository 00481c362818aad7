import { findNodeAtLocation, type Node } from "jsonc-parser/lib/esm/main.js";
import { basename } from "node:path";
import type { ConfigFinding } from "../../protocol/configFinding";
import { type Fault, FaultyText } from "../../protocol/fault";
import { jsonTree } from "../../protocol/jsonTree";
import { parseConfig } from "../../protocol/parseConfig";
import { lookOnce } from "./lookOnce";
import { withValue } from "./textEdits";

/** One thing that is wrong with the text of a file, and where. */
export interface Problem extends Fault {
  /** Characters from the beginning of the text. */
  offset: number;
  length: number;
}

/** A problem as a sentence that names its file, for where no mark shows it. */
export function namingFile({ isWhole, message }: Problem, file: string): string {
  return isWhole ? message : `${basename(file)}: ${message}`;
}

/** A finding of `glad config check` at its place in the text. */
export interface PlacedFinding extends ConfigFinding {
  offset: number;
  length: number;
}

/** Where the findings of a configuration stand: at their settings, or at the nearest section above that is written. */
export function placeFindings(findings: readonly ConfigFinding[], text: string): PlacedFinding[] {
  const tree = jsonTree(text);
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
  return Object.entries(values).reduce(
    (changed, [setting, value]) => withValue(changed, pathOf(setting), value),
    text,
  );
}

/** `evaluation.targets.1` -> ["evaluation", "targets", 1] */
function pathOf(setting: string): (string | number)[] {
  if (setting === "") return [];
  return setting.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** What is wrong with the text of a configuration, by the same rules and in the same words as the command line. */
export const configProblems = lookOnce((text, file): readonly Problem[] => {
  try {
    parseConfig(text, file);
    return [];
  } catch (error) {
    return placeFaults(faultsOf(error), text, file);
  }
});

/** The faults that a text was refused for. */
export function faultsOf(error: unknown): readonly Fault[] {
  if (!(error instanceof FaultyText)) throw error;
  return error.faults;
}

/** The faults of a text with the characters that they are about. */
export function placeFaults(faults: readonly Fault[], text: string, file: string): Problem[] {
  const tree = jsonTree(text);
  const problems = faults.map((fault) => ({
    ...fault,
    ...(fault.at ?? charactersOf(fault, tree)),
    message: fault.isWhole ? `${basename(file)} ${fault.message}` : fault.message,
  }));
  return problems.sort((a, b) => a.offset - b.offset);
}

/** The value at a fault's path, or its key where that is what is wrong; of what is not there the section that it is missing from. */
function charactersOf(
  { path, ofKey }: Fault,
  tree: Node | undefined,
): { offset: number; length: number } {
  for (let count = path.length; tree && count > 0; count--) {
    const node = findNodeAtLocation(tree, path.slice(0, count));
    if (!node) continue;
    const key = node.parent?.type === "property" ? node.parent.children![0]! : null;
    if (count === path.length) return placeOfNode((ofKey && key) || node);
    // A section is marked by its key, which is short.
    return placeOfNode(node.type === "object" ? (key ?? firstOf(node)) : node);
  }
  return { offset: tree?.offset ?? 0, length: 1 };
}

function firstOf({ offset }: Node): Pick<Node, "offset" | "length"> {
  return { offset, length: 1 };
}

function placeOfNode({ offset, length }: Pick<Node, "offset" | "length">) {
  return { offset, length };
}
