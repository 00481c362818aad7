import { hash32 } from "../util/hash";

/** Keeps the draws of shuffling apart from those of other parts of the program. */
const shuffleStream = 0x73687566;

/**
 * Which images a step takes: `indices` into the `count` training images, in a new random order every epoch (counted from 0).
 * The last batch of an epoch may be short, as with PyTorch's `drop_last=False`.
 */
export interface Batch {
  epoch: number;
  indices: Int32Array;
}

export interface BatchOptions {
  count: number;
  batchSize: number;
  seed: number;
}

/** The order of the epoch that was asked for last: steps come in order, so each epoch is shuffled once. */
let last: { count: number; seed: number; epoch: number; order: Int32Array } | undefined;

/** The batch of step `step`, counted from 0; a pure function of its arguments. */
export function batchAt({ count, batchSize, seed, step }: BatchOptions & { step: number }): Batch {
  const steps = stepsPerEpoch({ count, batchSize });
  const epoch = Math.floor(step / steps);
  if (last?.count !== count || last.seed !== seed || last.epoch !== epoch)
    last = { count, seed, epoch, order: epochOrder(count, seed, epoch) };
  const start = (step % steps) * batchSize;
  return { epoch, indices: last.order.slice(start, start + batchSize) };
}

/** Steps in which every image is taken once. */
export function stepsPerEpoch({ count, batchSize }: Omit<BatchOptions, "seed">): number {
  return Math.ceil(count / batchSize);
}

/** A permutation of 0 to `count` - 1 by Fisher and Yates, as a function of (seed, epoch). */
function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    // 32 random bits over at most millions of places: the largest bias of a place is below 0.1%.
    const other = Math.floor((hash32(shuffleStream, seed, epoch, i) / 2 ** 32) * (i + 1));
    const held = order[i]!;
    order[i] = order[other]!;
    order[other] = held;
  }
  return order;
}
