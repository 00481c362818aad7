import { fuse } from "./fuse";
import { input } from "./leaves";
import { type Tensor, topologicalOrder, type Type } from "./tensor";

/** A program that runs in two parts, the second with what the first has kept for it. */
export interface SplitProgram {
  /** Computes the first outputs and `kept`. */
  first: Record<string, Tensor>;
  /** Computes the second outputs; takes `kept` as inputs of the same names. */
  second: Record<string, Tensor>;
  kept: Map<string, Type>;
}

/**
 * Splits a program so that `second` can run later than `first` without computing its heavy nodes again: of the nodes
 * that both need, those for which `isHeavy` holds are kept, the others are computed in both parts.
 */
export function splitProgram(
  first: Record<string, Tensor>,
  second: Record<string, Tensor>,
  isHeavy: (node: Tensor) => boolean,
): SplitProgram {
  // Fused before it is cut: what is kept must not keep products from taking in the sums beside them.
  const fused = fuse({ ...first, ...second });
  const part = (of: Record<string, Tensor>): [string, Tensor][] =>
    Object.keys(of).map((name) => [name, fused[name]!]);
  const shared = new Set(topologicalOrder(part(first).map(([, node]) => node)));
  const kept = new Map<string, Tensor>();
  const done = new Map<Tensor, Tensor>();
  const cut = (node: Tensor): boolean => shared.has(node) && isHeavy(node);
  for (const node of orderedUpTo(
    part(second).map(([, node]) => node),
    cut,
  )) {
    if (cut(node)) {
      const name = `kept.${kept.size}`;
      kept.set(name, node);
      done.set(node, input(name, node.dtype, node.shape));
      continue;
    }
    const inputs = node.inputs.map((before) => done.get(before)!);
    const same = inputs.every((before, i) => before === node.inputs[i]);
    done.set(node, same ? node : Object.freeze({ ...node, inputs }));
  }
  return {
    first: { ...Object.fromEntries(part(first)), ...Object.fromEntries(kept) },
    second: Object.fromEntries(part(second).map(([name, node]) => [name, done.get(node)!])),
    kept,
  };
}

/** The nodes that `outputs` depend on without looking behind those that are cut, inputs before users. */
function orderedUpTo(outputs: readonly Tensor[], cut: (node: Tensor) => boolean): Tensor[] {
  const needed = new Set<Tensor>(outputs);
  // A set goes on over what is added while it is walked.
  for (const node of needed) if (!cut(node)) node.inputs.forEach((before) => needed.add(before));
  return topologicalOrder(outputs).filter((node) => needed.has(node));
}
