import { dirname } from "node:path";
import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser/lib/esm/main.js";
import { checkExperiment, type ExperimentProblem } from "../../experiments/checkExperiment";
import { parseExperiment } from "../../experiments/loadExperiment";
import { UserError } from "../../util/errors";
import { placeSentences, type Problem } from "../config/problems";

/** What is wrong with the text of an experiment, by the same rules and in the same words as the command line. */
export function experimentProblems(text: string, file: string): Problem[] {
  try {
    const experiment = parseExperiment(text, "", dirname(file));
    return placed(checkExperiment({ experiment, file }), text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return placeSentences(error.message, text);
  }
}

/** Problems with the characters of the text that they are about. */
function placed(problems: readonly ExperimentProblem[], text: string): Problem[] {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const found = problems.map(({ path, message }) => {
    const at = nodeAt(tree, path, message);
    const { offset, length } = at?.node ?? { offset: 0, length: 1 };
    return { message, offset, length, replacement: at?.exact ? replacementIn(message) : null };
  });
  return found.sort((a, b) => a.offset - b.offset);
}

/** The value at a path, or its key where that is what is wrong; of what is not there, what it is missing from. */
function nodeAt(
  tree: Node | undefined,
  path: ExperimentProblem["path"],
  message: string,
): { node: Node | undefined; exact: boolean } | undefined {
  if (!tree) return undefined;
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (!node) continue;
    const exact = length === path.length;
    const isKey = exact && message.includes(`"${path.at(-1)!}" is not a setting`);
    return { node: isKey ? node.parent?.children?.[0] : node, exact };
  }
  return { node: tree, exact: false };
}

/** What was probably meant, to be put in the place of what is there. */
function replacementIn(message: string): string | null {
  const meant = /(?:did you mean|the nearest is) ("[^"]+")/.exec(message)?.[1] ?? null;
  const swept = /\.sweep: /.test(message);
  // A setting of another section cannot be put where a key of this one stands.
  return meant !== null && meant.includes(".") && !swept ? null : meant;
}
